/**
 * What the health plane says of itself, for people and the command line: `GET /.well-known/meridian/status`. Plain data;
 * every time in it is a length ("ago", "for"), never a moment of some machine's clock.
 */
import type { DirectorView } from './director-view.ts'
import type { EndpointId, EndpointKey, KeySetKey, PoolId, RouteId, TrustId, VantageId } from './ids.ts'
import type { Emergency, InForce, OverlayOrder } from './overlay.ts'
import type { Incarnation, Reason, Verdict } from './snapshot.ts'
import type { DurationMs, Share } from './units.ts'

export interface StatusDocument {
  readonly format: 1
  /** Every vantage that was asked, in order of the configuration; one that did not answer in time says why. */
  readonly vantages: readonly VantageAnswer[]
  /**
   * The pools of the gateway that answered, in order of its configuration: an address that serves several pools is judged once, and shown in
   * each. Absent from a gateway one version back.
   */
  readonly pools?: readonly PoolMembers[]
  /** What the gateway that answered lacks, for which requests fail: secrets, bindings. Nothing of what a secret holds. Absent as above. */
  readonly problems?: readonly string[]
  /** Authorities that the gateway trusts and that end within 30 days, or have ended, the next first. Absent when there are none. */
  readonly expiring?: readonly ExpiringAuthority[]
  /** Client certificates of the edge that end within 30 days, or have ended, by the configuration's word, the next first. Absent as above. */
  readonly expiringCertificates?: readonly ExpiringCertificate[]
  /** What is otherwise than the configuration says, as the isolate that answered holds it. Absent: nothing, or a gateway one version back. */
  readonly inForce?: InForce
  /** What the director says of itself. Absent: the gateway has no binding to it, or is one version back. */
  readonly director?: DirectorSays
}

export type DirectorSays =
  /** What went wrong, or waits for somebody, the newest first: a weights.json that is refused, where it is wrong and why. */
  | { readonly answered: true; readonly revision: number; readonly problems: DirectorView['problems'] }
  | { readonly answered: false; readonly problem: string }

export interface ExpiringCertificate {
  /** The binding that presents it. */
  readonly binding: string
  /** Negative when it has ended: endpoints that ask for it take no connection any more. */
  readonly expiresIn: DurationMs
}

export interface ExpiringAuthority {
  readonly trust: TrustId
  readonly name: string
  /** Negative when it has ended: nobody comes in by it any more. */
  readonly expiresIn: DurationMs
}

export interface PoolMembers {
  readonly id: PoolId
  readonly endpoints: readonly { readonly id: EndpointId; readonly key: EndpointKey; readonly drain: boolean }[]
}

export type VantageAnswer =
  | { readonly vantage: VantageId; readonly answered: true; readonly status: VantageStatus }
  | { readonly vantage: VantageId; readonly answered: false; readonly problem: string }

export interface VantageStatus {
  readonly vantage: VantageId
  readonly incarnation: Incarnation
  /** Since this object last started. */
  readonly upFor: DurationMs
  /** True when it disagrees with most of its peers about most endpoints: its probes count for nothing meanwhile. */
  readonly abstains: boolean
  /** True with a single configured vantage: its own vote is the verdict. */
  readonly noQuorum: boolean
  readonly retryScale: Share
  /** Hashes of the bases that it knows, the most recently seen first. */
  readonly bases: readonly { readonly hash: string; readonly seenAgo: DurationMs }[]
  readonly peers: readonly PeerStatus[]
  /** Absent one version back. */
  readonly director?: DirectorStatus
  readonly endpoints: readonly EndpointStatus[]
  /** The keys of issuers, as far as vantages fetch them. Absent one version back. */
  readonly keySets?: readonly KeySetStatus[]
  /** What the vantage knows of emergency.json. Absent one version back. */
  readonly emergency?: EmergencyStatus
  /** The last 200, the newest first. Kept over restarts. */
  readonly transitions: readonly Transition[]
  readonly counters: VantageCounters
  /** What went wrong with the vantage itself, the newest first, at most 20: lost state, failed writes. */
  readonly problems: readonly { readonly ago: DurationMs; readonly text: string }[]
}

export interface EmergencyStatus {
  /** Absent: there is none, or it has never been read. */
  readonly held?: Emergency & {
    readonly by: string
    readonly reason: string
    /** Negative: it has expired, and counts no more. */
    readonly expiresIn?: DurationMs
  }
  /** Since the bucket last said so, to this vantage or a peer. Absent: never yet. */
  readonly confirmedAgo?: DurationMs
  /** Why what is in the bucket now does not count, or cannot be read: what is held stays in force. */
  readonly problem?: string
}

/** How the vantage stands with the director. */
export interface DirectorStatus {
  /** Of what operators want, as the vantage tells isolates; absent: nobody has changed anything as far as it knows. */
  readonly holds?: OverlayOrder
  /** Since the director last answered; absent: not since the start. */
  readonly heardAgo?: DurationMs
  /** Why the last question was not answered. What is in force stays. */
  readonly silent?: string
}

export interface PeerStatus {
  readonly vantage: VantageId
  /** Its sequence number advanced within the last 3 s. */
  readonly fresh: boolean
  /** Since its sequence number last advanced; absent when it was never heard. */
  readonly silentFor?: DurationMs
  readonly incarnation?: Incarnation
  readonly abstains: boolean
}

export interface EndpointStatus {
  readonly key: EndpointKey
  readonly id: EndpointId
  readonly pool: PoolId
  readonly cloud: string
  readonly region: string
  readonly verdict: Verdict
  /** What the verdict would be by the probes, where they are only watched (`monitorOnly`). Absent elsewhere, and one version back. */
  readonly watched?: Verdict
  readonly stoodFor: DurationMs
  /** `up`, and `down` just before: it ramps. */
  readonly restored?: true
  readonly reasons: readonly Reason[]
  readonly routesDown: readonly RouteId[]
  /** One a vantage that has ever been heard, the answering one first. */
  readonly votes: readonly VoteStatus[]
}

export interface KeySetStatus {
  readonly key: KeySetKey
  /** Of the keys, or of the discovery document that names their place. */
  readonly url: string
  /** That count now; 0: no token of the issuer can be verified. */
  readonly keys: number
  readonly version?: string
  /** Since the issuer last said that these are its keys. */
  readonly age?: DurationMs
  /** The issuer has been silent for more than ten minutes; the keys count until they are a day old. */
  readonly stale: boolean
  /** Of the last fetch, when it failed. */
  readonly problem?: { readonly ago: DurationMs; readonly text: string; readonly failedInRow: number }
  /** Keys that its issuer publishes and that do not count, each with the reason. */
  readonly dropped: readonly string[]
}

export interface VoteStatus {
  readonly vantage: VantageId
  /** Counts towards the verdict now. */
  readonly counts: boolean
  readonly probe: 'up' | 'down' | 'unknown'
  /** What its probes say where they are only watched. */
  readonly watched?: 'up' | 'down' | 'unknown'
  readonly traffic: 'up' | 'down' | 'unknown'
  readonly routesDown: readonly RouteId[]
  readonly stoodFor: DurationMs
  /** Down at least this much longer; 0 when nothing is held. */
  readonly holdFor: DurationMs
  /** Of the last passed probe. */
  readonly latency?: DurationMs
  /** Own probes that have passed in a row while the probe facet is held down. Told of the answering vantage alone. */
  readonly passing?: number
  readonly reasons: readonly Reason[]
}

export interface Transition {
  readonly ago: DurationMs
  readonly endpoint: EndpointKey
  /** Absent when no base names the endpoint any more. */
  readonly id?: EndpointId
  readonly from: Verdict
  readonly to: Verdict
  readonly reasons: readonly Reason[]
}

/** Since this object last started. */
export interface VantageCounters {
  readonly syncs: number
  /** Answered `busy`. */
  readonly refused: number
  readonly reports: number
  /** Reports seen before. */
  readonly repeated: number
  readonly probes: number
  readonly probesFailed: number
  readonly exchanges: number
  readonly exchangesFailed: number
  readonly alarms: number
  readonly rowsWritten: number
  readonly lastKnownGoodWritten: number
  /** Absent one version back. */
  readonly keyFetches?: number
  readonly keyFetchesFailed?: number
  /** Of emergency.json, each of which R2 charges. */
  readonly emergencyReads?: number
}
