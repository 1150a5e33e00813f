/** The three sample regions of `npm start`: who they are and where on loopback they listen. `config/local.yaml` names the same. */

export interface SampleRegion {
  readonly id: string
  readonly cloud: string
  readonly region: string
  readonly mesh: 'istio' | 'linkerd' | 'consul'
  readonly ready: ReadyStyle
  readonly ports: IngressPorts
}

export interface IngressPorts {
  /** Where requests go. */
  readonly traffic: number
  /** Where the mesh says whether it is ready. */
  readonly ready: number
  /** Where faults are set and counters read; plain HTTP. */
  readonly control: number
}

/** What the mesh's own ready endpoint looks like. */
export interface ReadyStyle {
  readonly path: string
  readonly up: string
  readonly down: string
}

/** Istio's pilot-agent answers with an empty body, Linkerd's proxy in words, Consul's dataplane with Envoy's word. */
export const SAMPLE_REGIONS: readonly SampleRegion[] = [
  {
    id: 'aws-use1',
    cloud: 'aws',
    region: 'us-east-1',
    mesh: 'istio',
    ready: { path: '/healthz/ready', up: '', down: '' },
    ports: { traffic: 9101, ready: 15021, control: 9201 },
  },
  {
    id: 'gcp-euw1',
    cloud: 'gcp',
    region: 'europe-west1',
    mesh: 'linkerd',
    ready: { path: '/ready', up: 'ready\n', down: 'not ready\n' },
    ports: { traffic: 9102, ready: 4191, control: 9202 },
  },
  {
    id: 'azure-sea',
    cloud: 'azure',
    region: 'southeastasia',
    mesh: 'consul',
    ready: { path: '/ready', up: 'LIVE\n', down: 'DRAINING\n' },
    ports: { traffic: 9103, ready: 21000, control: 9203 },
  },
]
