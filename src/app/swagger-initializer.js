window.onload = function() {
  window.ui = SwaggerUIBundle({
    "dom_id": "#swagger-ui",
    "urls.primaryName": "delivery",
    "urls": [
      { "name": "delivery", "url": "/openapi/delivery.json" },
      { "name": "editorial", "url": "/openapi/editorial.json" }
    ],
    "deepLinking": true,
    "displayOperationId": true,
    "validatorUrl": "none",
    "layout": "StandaloneLayout",
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl]
  });
};
