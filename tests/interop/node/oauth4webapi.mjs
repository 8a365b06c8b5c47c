// The package oauth4webapi as its documentation shows it: discovery, private_key_jwt, DPoP.
import * as oauth from "oauth4webapi";
import { enrol } from "./enrol.mjs";

const told = JSON.parse(await new Response(process.stdin).text());
const plain = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(told.issuer);
const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...plain });
const server = await oauth.processDiscoveryResponse(issuer, found);

const answers = {};
for (const alg of ["ES256", "PS256", "Ed25519"]) {
  const identity = await oauth.generateKeyPair(alg, { extractable: true });
  const client = { client_id: await enrol(told, alg, identity.publicKey) };
  const authentication = oauth.PrivateKeyJwt(identity.privateKey);
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
  const granted = await oauth.processClientCredentialsResponse(
    server,
    client,
    await oauth.clientCredentialsGrantRequest(server, client, authentication, new URLSearchParams(), { DPoP, ...plain }),
  );
  const send = (method, path, headers, body) =>
    oauth.protectedResourceRequest(granted.access_token, method, new URL(told.issuer + path), headers, body, {
      DPoP,
      ...plain,
    });
  const read = await send("GET", "/api/v1/organisations?limit=50");
  const json = new Headers({ "Content-Type": "application/json" });
  const shared = await send("PUT", `/api/v1/profiles/oauth4webapi-${alg}`, json, told.profile);
  const revoked = await oauth.revocationRequest(server, client, authentication, granted.access_token, plain);
  await oauth.processRevocationResponse(revoked);
  let after = 200;
  try {
    await send("GET", "/api/v1/organisations");
  } catch (error) {
    after = error.status ?? error.response?.status ?? String(error);
  }
  answers[alg] = {
    token_type: granted.token_type,
    organisations: (await read.json()).items.map((one) => one.id),
    shared: shared.status,
    after_revocation: after,
  };
}
console.log(JSON.stringify(answers));
