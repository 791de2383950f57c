// Serves an OpenID Connect issuer on 127.0.0.1 and prints its address. A client named after an algorithm gets access tokens that are signed
// by it, with the claims by which SuperOffice's name an associate. It ends with its standard input.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const keys = [
  ['rsa', { modulusLength: 2048 }],
  ['ec', { namedCurve: 'P-256' }],
  ['ec', { namedCurve: 'P-384' }],
  ['ed25519', {}],
].map(([kind, options]) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig' }));

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    jwks: { keys },
    clients: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'].map((algorithm) => ({
      client_id: algorithm,
      client_secret: 'a-secret-of-this-test',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:pocket-devices',
        getResourceServerInfo: (ctx, resource, client) => ({
          scope: '',
          audience: 'pocket-devices',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: client.clientId } },
        }),
      },
    },
    extraTokenClaims: () => ({
      'http://schemes.superoffice.net/identity/associateid': '117',
      'http://schemes.superoffice.net/identity/ctx': 'Cust12345',
      'http://schemes.superoffice.net/identity/is_administrator': 'True',
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume().on('end', () => process.exit());
