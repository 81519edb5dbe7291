// A real OpenID Connect provider for the tests: PORT, REDIRECT and GROUPS_FILE come from the environment.
// Whoever comes is signed in as aki at once; the groups are read from the file at each sign-in.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { PORT, REDIRECT, GROUPS_FILE } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const groups = () => JSON.parse(readFileSync(GROUPS_FILE, 'utf8'));

const provider = new Provider(issuer, {
  clients: [{ client_id: 'madoguchi', client_secret: 'a secret of the two', redirect_uris: [REDIRECT] }],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'groups'],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: 'Aki Sato', preferred_username: 'aki', groups: groups() }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile groups');
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response);
  return provider.interactionFinished(request, response, { login: { accountId: 'u-1' } });
}).listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
