// An OpenID provider configured as ProConnect is: the same engine, claims, levels, signed userinfo and paths.
// Prints one line of JSON with its issuer once it listens. Settings come from the environment: PORT (0: any),
// RETURN_URI and FAREWELL_URI of its one client. The sign-in page offers the people of people.json.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';
import Provider from 'oidc-provider';

const PREFIX = '/api/v2';
const LEVELS = ['eidas1', 'eidas0-mfa', 'eidas1-mfa', 'eidas2', 'eidas3'];
const people = JSON.parse(readFileSync(new URL('people.json', import.meta.url)));
const bySub = Object.fromEntries(Object.values(people).map((person) => [person.sub, person]));

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'of-the-day' };
}

function configuration() {
  return {
    clients: [{
      client_id: 'desk',
      client_secret: 'a secret of the tests, long enough to be one',
      redirect_uris: [process.env.RETURN_URI],
      post_logout_redirect_uris: [process.env.FAREWELL_URI],
      token_endpoint_auth_method: 'client_secret_post',
      id_token_signed_response_alg: 'RS256',
      userinfo_signed_response_alg: 'RS256',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }],
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['of the tests'] },
    responseTypes: ['code'],
    acrValues: LEVELS,
    scopes: ['openid', 'given_name', 'usual_name', 'email', 'uid', 'siret', 'idp_id', 'organization_label', 'roles'],
    claims: {
      amr: null,
      given_name: ['given_name'],
      usual_name: ['usual_name'],
      email: ['email'],
      uid: ['uid'],
      siret: ['siret'],
      idp_id: ['idp_id'],
      organization_label: ['organization_label'],
    },
    pkce: { required: () => false, methods: ['S256'] },
    issueRefreshToken: async () => true,
    ttl: { Session: 43200, Grant: 43200, Interaction: 3600, AccessToken: 60, IdToken: 60, RefreshToken: 43200 },
    routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwks', end_session: '/session/end' },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => { ctx.body = leaving(form); },
      },
    },
    interactions: { url: (ctx, interaction) => `${PREFIX}/interaction/${interaction.uid}` },
    findAccount: async (ctx, id) => ({
      accountId: id,
      claims: async () => ({ uid: id, idp_id: 'of-the-tests', ...bySub[id] }),
    }),
    // Consent is not ProConnect's business: whoever signs in grants what was asked.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope(ctx.oidc.params.scope);
      await grant.save();
      return grant;
    },
  };
}

const page = (title, body) => `<!doctype html><html lang="fr"><meta charset="utf-8"><title>${title}</title>
<body><main><h1>${title}</h1>${body}</main></body></html>`;

const choice = ([key, person]) => `<p><button name="person" value="${key}">${person.given_name} ${person.usual_name}
 (${person.acr}, SIRET ${person.siret})</button></p>`;

const signingIn = () => page(
  'Fournisseur d’identité de test',
  `<form method="post">${Object.entries(people).map(choice).join('')}<p><button name="person" value="">Annuler</button></p></form>`,
);

const leaving = (form) => page(
  'Déconnexion',
  `${form}<button form="op.logoutForm" name="logout" value="yes">Se déconnecter</button>`,
);

async function interact(provider, request, response) {
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(signingIn());
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const person = people[new URLSearchParams(body).get('person')];
  const result = person
    ? { login: { accountId: person.sub, acr: person.acr, amr: ['pwd', 'mfa'] } }
    : { error: 'access_denied', error_description: 'the person went back' };
  await provider.interactionFinished(request, response, result);
}

const server = createServer();
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}${PREFIX}`;
  const provider = new Provider(issuer, configuration());
  const answer = provider.callback();
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url, issuer);
    if (!pathname.startsWith(`${PREFIX}/`)) {
      response.writeHead(404).end();
      return;
    }
    if (pathname.startsWith(`${PREFIX}/interaction/`)) {
      interact(provider, request, response).catch((error) => response.writeHead(400).end(error.message));
      return;
    }
    request.originalUrl = request.url;
    request.url = request.url.slice(PREFIX.length);
    answer(request, response);
  });
  process.stdout.write(`${JSON.stringify({ issuer })}\n`);
});
// Whoever started it holds the other end: it ends with them, however they end.
process.stdin.resume().on('end', () => process.exit(0));
