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
  'via',
  'client-ip',
  'clientip',
  'true-client-ip',
  'remote-addr',
  'remote-host',
  'remote-user',
  'fastly-client-ip',
  'fastly-ssl',
  'client-cert',
  'client-cert-chain',
  'ssl-client-cert',
  'x-ssl-client-cert',
  'ssl-client-verify',
  'x-ssl-client-verify',
  'ssl-client-s-dn',
  'x-ssl-client-s-dn',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'x-remote-user',
  'x-proxyuser-ip',
  'x-true-client-ip',
  'x-source-ip',
  'x-user-ip',
  'x-arr-clientcert',
  'x-arr-ssl',
  'x-client-cert',
  'x-client-dn',
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-name',
  'x-goog-authenticated-user-email',
  'x-goog-authenticated-user-id',
  'x-goog-iap-jwt-assertion',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'x-amzn-oidc-accesstoken',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-appengine-user-ip',
  'x-webauth-user',
  'x-authenticated-user',
  'x-authenticated-userid',
  'x-consumer-id',
  'x-consumer-username',
  'x-credential-identifier',
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

/** Whole families: of Envoy, Linkerd, Kuma, Consul, Istio, of proxies in general, of Cloudflare and of ours. */
const FAMILIES: readonly string[] = ['x-forwarded-', 'x-envoy-', 'x-kuma-', 'x-consul-', 'x-istio-', 'l5d-', 'cf-', 'meridian-']

/** `name` in lower case. Names with an underscore are dropped as nginx does: CGI and WSGI servers take `x_real_ip` for `x-real-ip`. */
export function isStripped(name: string): boolean {
  if (STRIPPED.has(name) || name.includes('_')) return true
  switch (name.charCodeAt(0)) {
    case 99: // c
    case 108: // l
    case 109: // m
    case 120: // x
      return name === 'x-forwarded' || FAMILIES.some((family) => name.startsWith(family))
    default:
      return false
  }
}
