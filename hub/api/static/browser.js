// Draw the API description of this hub. Nothing is fetched from elsewhere: no validator badge, no remote themes.
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#browser",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
