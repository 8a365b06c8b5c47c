// The package openid-client as its documentation shows it.
import * as openid from "openid-client";
import { enrol } from "./enrol.mjs";

const told = JSON.parse(await new Response(process.stdin).text());
const answers = {};
for (const alg of ["ES256", "PS256", "Ed25519"]) {
  const identity = await openid.randomDPoPKeyPair(alg, { extractable: true });
  const id = await enrol(told, alg, identity.publicKey);
  const config = await openid.discovery(
    new URL(told.issuer),
    id,
    undefined,
    openid.PrivateKeyJwt(identity.privateKey),
    { algorithm: "oauth2", execute: [openid.allowInsecureRequests] },
  );
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg));
  const granted = await openid.clientCredentialsGrant(config, {}, { DPoP });
  const send = (method, path, body) =>
    openid.fetchProtectedResource(
      config,
      granted.access_token,
      new URL(told.issuer + path),
      method,
      body,
      new Headers({ "Content-Type": "application/json" }),
      { DPoP },
    );
  const read = await send("GET", "/api/v1/organisations");
  answers[alg] = {
    token_type: granted.token_type,
    organisations: (await read.json()).items.map((one) => one.id),
    shared: (await send("PUT", `/api/v1/profiles/openid-client-${alg}`, told.profile)).status,
  };
}
console.log(JSON.stringify(answers));
