// A certified OpenID Connect provider on loopback, for tests. Reads its clients' settings as JSON
// from standard input, and says on which port it listens.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [frontend] = process.argv.slice(2);
const found = createRequire(`${frontend}/package.json`).resolve('oidc-provider');
const { default: Provider } = await import(pathToFileURL(found));
const { client, groups, machines } = JSON.parse(readFileSync(0, 'utf8'));

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [client, ...machines],
    claims: { openid: ['sub', 'groups'] },
    conformIdTokenClaims: false,
    features: {
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, resource) => ({
          scope: 'referral.create referral.read everything',
          audience: resource,
          accessTokenTTL: 4 * 3600,
          accessTokenFormat: 'jwt',
        }),
      },
    },
    // By itself it speaks to nobody on loopback, where all of a test is.
    fetch: (url, { dispatcher, ...rest }) => fetch(url, rest),
    pkce: { required: () => true },
    cookies: { keys: ['of-tests-alone'] },
    findAccount: (ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, groups: groups[id] ?? [] }),
    }),
  });
  server.on('request', provider.callback());
  process.stdout.write(`${port}\n`);
});
