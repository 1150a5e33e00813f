/**
 * Request headers that end here: those of one connection, and those by which a client could pass itself off as somebody else, address
 * another host, or speak to the mesh as if it were inside it. What an endpoint needs of them is set anew by `forward/outbound-request.ts`.
 */

const STRIPPED: ReadonlySet<string> = new Set([
  // For one connection only (RFC 9110 section 7.6.1 and its predecessors).
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  // Who the client is.
  'forwarded',
  'x-forwarded',
  'via',
  'client-ip',
  'proxy-client-ip',
  'clientip',
  'true-client-ip',
  'remote-addr',
  'remote-host',
  'remote-user',
  'remote-name',
  'remote-email',
  'remote-groups',
  'fastly-client-ip',
  'fastly-ssl',
  'client-cert',
  'client-cert-chain',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-true-client-ip',
  'x-source-ip',
  'x-user-ip',
  'x-original-forwarded-for',
  'x-forward-for',
  'x-forwarder-for',
  'x-clientip',
  'x-trusted-client-ip',
  'x-cdn-src-ip',
  'x-nf-client-connection-ip',
  'x-sucuri-clientip',
  'cdn-real-ip',
  'cdn-src-ip',
  'fly-client-ip',
  'http-client-ip',
  'incap-client-ip',
  'x-arr-clientcert',
  'x-arr-ssl',
  'x-client-cert',
  'x-client-dn',
  'x-client-certificate',
  'x-client-verify',
  'x-client-name-trusted',
  'x-client-subject-dn',
  'x-peer-certificate',
  'x-spiffe',
  'x-spiffe-id',
  'x-userinfo',
  'x-endpoint-api-userinfo',
  'x-apigateway-api-userinfo',
  'sec-istio-auth-userinfo',
  'x-anonymous-consumer',
  'x-authenticated-groups',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-appengine-user-ip',
  'x-authenticated-user',
  'x-authenticated-userid',
  'x-authenticated-email',
  'x-credential-identifier',
  'x-credential-username',
  'kubeflow-userid',
  'sm-user',
  'sm-universalid',
  // Where the request is going, and as what.
  'x-host',
  'x-http-host-override',
  'x-original-host',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-http-destinationurl',
  'x-proxy-url',
  'x-request-uri',
  'x-override-url',
  'x-waf-bypass',
  'x-middleware-subrequest',
  'x-accel-redirect',
  'x-sendfile',
  'x-scheme',
  'front-end-https',
  'x-url-scheme',
  // Ours and the platform's.
  'x-request-id',
  'cdn-loop',
  'mf-cf-blob',
  'surrogate-capability',
])

/** Families of proxies and of what terminates TLS or authenticates elsewhere, after `x-`: Envoy, Kuma, Consul, Istio, HAProxy, nginx, Traefik,
 * the balancers of AWS, Google and Azure, OAuth2 Proxy, Authentik, Pomerium, Vouch, Kong, Kubernetes. Of `x-auth-` those that say who somebody is:
 * `x-auth-token` and `x-auth-key` prove it, and are the client's own. */
const X_FAMILIES = [
  'forwarded-',
  'envoy-',
  'kuma-',
  'consul-',
  'istio-',
  'ssl-',
  'tls-client-',
  'client-cert-',
  'auth-request-',
  'auth-user',
  'auth-subject',
  'auth-group',
  'auth-role',
  'auth-principal',
  'auth-email',
  'auth-name',
  'auth-claim',
  'vouch-',
  'remote-',
  'authentik-',
  'pomerium-',
  'consumer-',
  'webauth-',
  'jwt-claim-',
  'goog-iap',
  'goog-authenticated',
  'amzn-mtls-',
  'amzn-oidc-',
  'ms-client-principal',
]
/** Of Linkerd, of Cloudflare, ours, of what terminates TLS elsewhere, of WebLogic and of Kubernetes, of Tailscale, mod_auth_openidc and Shibboleth. */
const OTHER_FAMILIES = [
  'l5d-',
  'cf-',
  'meridian-',
  'ssl-client-',
  'tls-client-',
  'wl-proxy-',
  'impersonate-',
  'tailscale-user-',
  'oidc-claim-',
  'shib-',
]
/** What the plug-in of WebSphere says of the connection and of the user (`$WSCC`, `$WSRU`). */
const WEBSPHERE = '$ws'

const FAMILY = new RegExp(`^(?:x-(?:${X_FAMILIES.join('|')})|${OTHER_FAMILIES.join('|')})`)

/** For readers: whole names, and beginnings of names with a star. */
export const STRIPPED_HEADERS: readonly string[] = [
  ...STRIPPED,
  ...X_FAMILIES.map((family) => `x-${family}*`),
  ...[...OTHER_FAMILIES, WEBSPHERE].map((family) => `${family}*`),
].sort()

/** What no header's name needs, and servers that make variables of names (CGI, WSGI) may read as a hyphen. */
const ODD = /[^a-z0-9-]/
const ALL_ODD = /[^a-z0-9-]/g

/**
 * `name` in lower case; `own`: what this gateway's routes set to tell of the client. Names with an underscore are dropped as nginx does: CGI and
 * WSGI servers take `x_real_ip` for `x-real-ip`. With another odd character (`x.real.ip`) a name is dropped where the name with hyphens would be.
 */
export function isStripped(name: string, own?: ReadonlySet<string>): boolean {
  if (!ODD.test(name)) return isKnown(name, own)
  return name.includes('_') || name.startsWith(WEBSPHERE) || own?.has(name) === true || isKnown(name.replaceAll(ALL_ODD, '-'), own)
}

function isKnown(name: string, own: ReadonlySet<string> | undefined): boolean {
  if (STRIPPED.has(name) || own?.has(name) === true) return true
  switch (name.charCodeAt(0)) {
    case 99: // c
    case 105: // i
    case 108: // l
    case 109: // m
    case 111: // o
    case 115: // s
    case 116: // t
    case 119: // w
    case 120: // x
      return FAMILY.test(name)
    default:
      return false
  }
}
