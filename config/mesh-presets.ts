/**
 * Where each mesh's ingress gateway says that it is ready, as far as an edge can reach it. A preset is the default place of a
 * monitor: `url`, `path` or `port` in the configuration replace it whole.
 *
 * Most meshes bind their ready port to the pod, and the Service of the ingress does not publish it. Their preset asks for the
 * root path on the endpoint itself and takes every answer below 500 as ready: an ingress that is alive answers something,
 * if only 404 or a redirect, and one without a mesh behind it answers 503. Where the ready port is published, or a canary
 * route through the mesh exists, name it in `monitor`: that says more.
 */
import type { MeshPreset } from './base.ts'

export type ReadyPlace =
  /** A ready port that the mesh's own chart publishes beside the traffic port. It speaks plain HTTP, as all mesh ready ports do. */
  | { readonly kind: 'port'; readonly port: number; readonly path: string; readonly statuses: StatusRanges }
  /** A path on the endpoint itself, with its scheme and port. */
  | { readonly kind: 'endpoint'; readonly path: string; readonly statuses: StatusRanges }

export type StatusRanges = readonly (readonly [from: number, to: number])[]

export const PASSED_BY_DEFAULT: StatusRanges = [[200, 299]]

const ALIVE: ReadyPlace = { kind: 'endpoint', path: '/', statuses: [[200, 499]] }
const ISTIO: ReadyPlace = { kind: 'port', port: 15021, path: '/healthz/ready', statuses: PASSED_BY_DEFAULT }

export const MESH_READY: Readonly<Record<MeshPreset, ReadyPlace>> = {
  /** The chart publishes `status-port` 15021 on the gateway's Service: 200 or 503, both without a body. */
  istio: ISTIO,
  /** Tetrate's data plane is Istio's. */
  tetrate: ISTIO,
  /** The ingress in front of Linkerd is another product. The proxy's 4191/ready is the pod's own; only `linkerd-gateway` publishes it. */
  linkerd: ALIVE,
  /** consul-dataplane's 21000/ready is the pod's own; the Service publishes the listeners alone. */
  consul: ALIVE,
  /** kuma-dp's 9902/ready is the pod's own. */
  kuma: ALIVE,
  /** Envoy's admin port 9901, which must never be reachable from outside. */
  appmesh: ALIVE,
  /** Contour's Envoy answers 8002/ready, ingress-nginx 10254/healthz; both in the pod. */
  osm: ALIVE,
  /** The admin port must never be reachable. A listener with the `health_check` filter is wherever the operator put it. */
  envoy: ALIVE,
  none: ALIVE,
}
