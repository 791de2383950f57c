// Shows the document with Swagger UI, signed in as the associate of the sample request, so that one click on Execute is answered.
const ui = SwaggerUIBundle({
  url: '/openapi.yaml',
  dom_id: '#reference',
  docExpansion: 'full',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null, // else the document's address is told to a service
  onComplete: () => ui.preauthorizeBasic('basic', 'tje0', 'Tje0')
})
