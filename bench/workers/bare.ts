/**
 * The bare pass-through that everything is measured against: what a Worker in front of one endpoint costs when it does
 * nothing at all. The load generator names the endpoint in the Host header, as Cloudflare does for a zone of one's own.
 */
export default {
  fetch: (request: Request): Promise<Response> => fetch(request),
}
