// Assertion and proof made by the package jose, sent by fetch.
import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { createHash, randomUUID } from "node:crypto";
import { enrol } from "./enrol.mjs";

const told = JSON.parse(await new Response(process.stdin).text());
const answers = {};
for (const alg of ["ES256", "PS256", "EdDSA"]) {
  const [identity, key] = [await generateKeyPair(alg, { extractable: true }), await generateKeyPair(alg)];
  const id = await enrol(told, alg, identity.publicKey);
  const prove = async (htm, htu, claims) =>
    new SignJWT({ htm, htu, ...claims })
      .setProtectedHeader({ typ: "dpop+jwt", alg, jwk: await exportJWK(key.publicKey) })
      .setJti(randomUUID())
      .setIssuedAt()
      .sign(key.privateKey);
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(told.issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime("1m")
    .sign(identity.privateKey);
  const asked = await fetch(`${told.issuer}/oauth/token`, {
    method: "POST",
    headers: { DPoP: await prove("POST", `${told.issuer}/oauth/token`) },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }),
  });
  const granted = await asked.json();
  const ath = createHash("sha256").update(granted.access_token).digest("base64url");
  const send = async (method, path, body) =>
    fetch(told.issuer + path, {
      method,
      headers: {
        Authorization: `DPoP ${granted.access_token}`,
        DPoP: await prove(method, told.issuer + path, { ath }),
        "Content-Type": "application/json",
      },
      body,
    });
  answers[alg] = {
    token_type: granted.token_type,
    organisations: (await (await send("GET", "/api/v1/organisations")).json()).items.map((one) => one.id),
    shared: (await send("PUT", `/api/v1/profiles/jose-${alg}-000`, told.profile)).status,
  };
}
console.log(JSON.stringify(answers));
