// Opens sealed introductions and seals others with the package jose, from the description of the envelope alone.
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, importJWK } from "jose";

const told = JSON.parse(await new Response(process.stdin).text());
const mine = await importJWK(told.encryption, "ECDH-ES+A256KW");
const theirs = await importJWK(told.recipient, "ECDH-ES+A256KW");
const identity = await importJWK(told.identity, "Ed25519");
const sender = await importJWK(told.sender, "Ed25519");
const bytes = new TextEncoder();
const text = new TextDecoder();

async function open(envelope) {
  const opened = await compactDecrypt(envelope, mine, {
    keyManagementAlgorithms: ["ECDH-ES+A256KW"],
    contentEncryptionAlgorithms: ["A256GCM"],
  });
  const signed = await compactVerify(text.decode(opened.plaintext).trimEnd(), sender, { algorithms: ["Ed25519"] });
  return { typ: signed.protectedHeader.typ, size: opened.plaintext.length, ...JSON.parse(text.decode(signed.payload)) };
}

async function seal(inside) {
  const signed = await new CompactSign(bytes.encode(JSON.stringify(inside)))
    .setProtectedHeader({ alg: "Ed25519", typ: "passerelle-introduction" })
    .sign(identity);
  return new CompactEncrypt(bytes.encode(signed.padEnd(6144)))
    .setProtectedHeader({ alg: "ECDH-ES+A256KW", enc: "A256GCM", typ: "passerelle-envelope" })
    .encrypt(theirs);
}

async function refuses(envelope) {
  try {
    await open(envelope);
    return false;
  } catch {
    return true;
  }
}

const answers = { opened: [], sealed: [], refused: [] };
for (const envelope of told.envelopes) answers.opened.push(await open(envelope));
for (const inside of told.insides) answers.sealed.push(await seal(inside));
for (const envelope of told.tampered) answers.refused.push(await refuses(envelope));
console.log(JSON.stringify(answers));
