// A system written from the integrator's guide, with what node brings and no package.
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";

const told = JSON.parse(await new Response(process.stdin).text());
const api = `${told.issuer}/api/v1`;
const text = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function jws(header, claims, key) {
  const body = `${text(header)}.${text(claims)}`;
  const signature = sign(key.alg === "ES256" ? "sha256" : null, Buffer.from(body), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${body}.${signature.toString("base64url")}`;
}

function pair(alg) {
  const made = alg === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  return { ...made, alg, jwk: made.publicKey.export({ format: "jwk" }) };
}

const now = () => Math.floor(Date.now() / 1000);

function proof(key, method, url, token) {
  const claims = { jti: randomUUID(), htm: method, htu: url.split("?")[0], iat: now() };
  if (token) claims.ath = createHash("sha256").update(token).digest("base64url");
  return jws({ typ: "dpop+jwt", alg: key.alg, jwk: key.jwk }, claims, key);
}

const identity = pair("ES256");
const enrolled = await (
  await fetch(`${told.issuer}/oauth/clients`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ enrolment_token: told.enrolment_token, jwks: { keys: [identity.jwk] } }),
  })
).json();

async function ask(alg) {
  const key = pair(alg);
  const id = enrolled.client_id;
  const assertion = { iss: id, sub: id, aud: told.issuer, jti: randomUUID(), iat: now(), exp: now() + 60 };
  const granted = await (
    await fetch(`${told.issuer}/oauth/token`, {
      method: "POST",
      headers: { DPoP: proof(key, "POST", `${told.issuer}/oauth/token`) },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: jws({ alg: "ES256" }, assertion, identity),
      }),
    })
  ).json();
  const token = granted.access_token;
  const send = (method, path, dpop, body, scheme = "DPoP") =>
    fetch(api + path, {
      method,
      headers: { Authorization: `${scheme} ${token}`, DPoP: dpop, "Content-Type": "application/json" },
      body,
    });
  const once = proof(key, "GET", `${api}/organisations`, token);
  const read = await send("GET", "/organisations?x=1", once);
  return {
    token_type: granted.token_type,
    organisations: (await read.json()).items.map((found) => found.id),
    replayed: (await send("GET", "/organisations", once)).status,
    bearer: (await send("GET", "/organisations", proof(key, "GET", `${api}/organisations`, token), undefined, "Bearer"))
      .status,
    shared: (
      await send("PUT", `/profiles/plain-${alg}`, proof(key, "PUT", `${api}/profiles/plain-${alg}`, token), told.profile)
    ).status,
  };
}

const answers = {};
for (const alg of ["ES256", "Ed25519"]) answers[alg] = await ask(alg);
console.log(JSON.stringify(answers));
