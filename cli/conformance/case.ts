/** One request of a conformance suite and what must come of it, whichever suite it is of. */
import type { MutationName } from './mutations.ts'

export interface ConformanceTest {
  /** The suite's name of it. */
  readonly id: string
  readonly what: string
  /** Kubernetes manifests, with a name for each that findings show. */
  readonly manifests: readonly Manifest[]
  readonly cases: readonly ConformanceCase[]
  /** What many requests show together, or what is no request and answer. */
  readonly extras: readonly Extra[]
  /** The mutation that must turn it red; of the project's own tests. */
  readonly mutation?: MutationName
}

export type Extra =
  /** So many requests spread over the pods with these shares. */
  | { readonly kind: 'shares'; readonly request: ConformanceCase; readonly shares: Readonly<Record<string, number>> }
  /** In each answer the pod has the name that a header, set for its backend alone, says. */
  | { readonly kind: 'header-names-pod'; readonly request: ConformanceCase; readonly header: string }
  /** Text and bytes come back over a WebSocket. */
  | { readonly kind: 'websocket'; readonly gateway: string; readonly path: string }

export interface Manifest {
  readonly file: string
  readonly text: string
}

export interface ConformanceCase {
  readonly name: string
  /** `namespace/name` of the Gateway that is asked. */
  readonly gateway: string
  readonly scheme: 'http' | 'https'
  /** Of the TLS handshake. */
  readonly serverName?: string
  readonly request: CaseRequest
  readonly expect: Expectation
  /** The manifest without these resources, `Kind namespace/name`: what a test deletes in its course. */
  readonly without?: readonly string[]
}

export interface CaseRequest {
  /** Absent: the address of the Gateway. */
  readonly host?: string
  /** With its query. `{uuid}` is a new one in each request. */
  readonly path: string
  readonly method: string
  readonly headers: Headers
  /** Headers that the echo is asked to answer with. */
  readonly echoHeaders: Headers
}

export type Headers = Readonly<Record<string, string>>

export interface Expectation {
  /** One of them. */
  readonly statuses: readonly number[]
  /** How the name of the pod begins. */
  readonly backend?: string
  readonly namespace?: string
  /** What the endpoint saw; each part only where it is said. */
  readonly seen: {
    readonly host?: string
    readonly path?: string
    readonly method?: string
    readonly headers: Headers
    readonly absent: readonly string[]
  }
  readonly response: {
    readonly headers: Headers
    readonly oneOf: Readonly<Record<string, readonly string[]>>
    readonly absent: readonly string[]
    readonly ignoreWhitespace: boolean
  }
  /** What `Location` must say; what is absent is the request's. */
  readonly redirect?: { readonly scheme?: string; readonly host?: string; readonly port?: string; readonly path?: string }
  /** Backends that must get a copy, as `namespace/name`, and how many of a hundred. */
  readonly mirrors?: readonly { readonly to: string; readonly percent: number }[]
}
