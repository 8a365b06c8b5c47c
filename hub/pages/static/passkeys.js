// Passkeys. A form with data-passkey asks our own server for a question, lets the device answer it, and is sent with the answer.
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

const question = async (form) => {
  const headers = { Accept: "application/json" };
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
  if (answer.redirected) location.assign(answer.url);
  if (!answer.ok || answer.redirected) throw new Error("no question");
  return answer.json();
};

const made = (asked) => {
  const user = { ...asked.user, id: toBytes(asked.user.id) };
  const excludeCredentials = named(asked.excludeCredentials);
  return navigator.credentials.create({ publicKey: { ...asked, challenge: toBytes(asked.challenge), user, excludeCredentials } });
};

const found = (asked) =>
  navigator.credentials.get({
    publicKey: { ...asked, challenge: toBytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });

const written = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
};

const send = async (form) => {
  const failed = form.querySelector(".error");
  failed.hidden = true;
  try {
    const asked = await question(form);
    const credential = await (form.dataset.passkey === "create" ? made(asked) : found(asked));
    form.elements.answer.value = written(credential);
    form.submit();
  } catch {
    failed.hidden = false;
    failed.setAttribute("role", "alert");
  }
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
