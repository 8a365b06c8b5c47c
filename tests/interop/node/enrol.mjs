// Registers a public key with one of the operator's single-use tokens; returns the client id.
export async function enrol(told, alg, publicKey) {
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  const { kty, crv, x, y, n, e } = jwk;
  const answer = await fetch(`${told.issuer}/oauth/clients`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ enrolment_token: told.enrolment_tokens[alg], jwks: { keys: [{ kty, crv, x, y, n, e }] } }),
  });
  return (await answer.json()).client_id;
}
