/** Explains a request on this machine: the gateway's own code, a configuration from a file, and what was known at some moment. */
import { randomUUID } from 'node:crypto'
import type { ForwardAction, WeightedPool } from '../../config/action.ts'
import type { Base } from '../../config/base.ts'
import type { Explanation } from '../../config/explanation.ts'
import type { InForce } from '../../config/overlay.ts'
import type { Result } from '../../config/result.ts'
import { err, ok } from '../../config/result.ts'
import { after, draw, type Instant, instant, ms } from '../../config/units.ts'
import { makeChainVerifier } from '../../worker/identity/chain/verify-chain.ts'
import type { EdgeSigner } from '../../worker/identity/edge-signer.ts'
import { certificateFinder } from '../../worker/identity/find-certificate.ts'
import { tokenFinder } from '../../worker/identity/find-token.ts'
import { makeIdentify } from '../../worker/identity/identify.ts'
import { staticKeyRing } from '../../worker/identity/key-ring.ts'
import { stripping } from '../../worker/inbound/stripping.ts'
import { type Isolate, newIsolate } from '../../worker/isolate.ts'
import { type ExplainRuntime, explain } from '../../worker/observe/explain/explain.ts'
import { withVotes } from '../../worker/observe/explain/with-votes.ts'
import { parseExplainRequest } from '../../worker/operator/read-explain-request.ts'
import { type AppliedOverlay, applyOverlay } from '../../worker/policy/apply-overlay.ts'
import { routesOfHost } from '../../worker/policy/match-route.ts'
import type { GatewayState } from '../../worker/policy/route-state.ts'
import { routeState } from '../../worker/policy/route-state.ts'
import { ownHeaders } from '../../worker/policy/tell-identity.ts'
import type { Platform } from '../../worker/ports.ts'
import type { HeldHealth } from '../../worker/snapshot-port.ts'
import type { Known } from './read-known.ts'
import type { Question } from './read-options.ts'

export async function decideHere(question: Question, base: Base, known: Known): Promise<Result<Explanation, string>> {
  const read = parseExplainRequest(question)
  if (!read.ok) return err(read.error)
  const { asked, draws } = read.value
  const now = instant(Date.now())
  const isolate = newIsolate(base)
  recall(isolate.gateway, known, now)
  const { age, silent, snapshot } = known
  const applied = applyKnown(base, known.inForce, now)
  const overlaid = applied === undefined ? {} : { applied }
  const held: HeldHealth = snapshot === undefined ? { age, silent, ...overlaid } : { age, silent, snapshot, receivedAt: now, ...overlaid }
  const runtime: ExplainRuntime = {
    isolate,
    inbound: {
      settings: base.inbound,
      serves: (host) => routesOfHost(isolate.table, host) !== undefined,
      strips: stripping(ownHeaders(base.routes)),
    },
    health: { pin: () => held, holdsProbation: () => false },
    ...identifying(base, isolate),
    ...(base.edge === undefined ? {} : { edge: { issuer: base.edge.issuer, signer: UNASKED_SIGNER } }),
    // The secret that opens it is the gateway's.
    faultGate: () => Promise.resolve(false),
  }
  const rest = [...draws]
  const platform: Platform = { ...NO_WORLD, now: () => now, draw: () => rest.shift() ?? draw(Math.random()) }
  const { explanation } = await explain(asked, runtime, platform)
  return ok(known.answers.length === 0 ? explanation : withVotes(explanation, known.answers))
}

function applyKnown(base: Base, inForce: InForce | undefined, now: Instant): AppliedOverlay | undefined {
  if (inForce === undefined) return undefined
  const { overlay, emergencies } = inForce
  return applyOverlay(base, overlay === undefined ? undefined : { overlay, at: now }, emergencies)
}

/** By the keys and authorities that stand in the configuration: those that vantages fetch are not known here. */
function identifying({ admission }: Base, { table }: Isolate): Pick<ExplainRuntime, 'identify'> {
  if (admission === undefined) return {}
  const findToken = tokenFinder(admission, { keys: staticKeyRing(admission.issuers), regexOf: table.regexOf })
  return { identify: makeIdentify(admission, { findToken, findCertificate: certificateFinder(admission, makeChainVerifier) }) }
}

/** Whether the gateway has the secret is not known here, and explaining signs nothing: the status says what is missing. */
const UNASKED_SIGNER: EdgeSigner = {
  ready: () => true,
  sign: () => Promise.reject(new Error('explaining signs nothing')),
  problems: () => Promise.resolve([]),
  keySet: () => Promise.resolve(undefined),
}

/** Explaining asks nobody. */
const NO_WORLD = {
  uuid: randomUUID,
  sleep: () => Promise.resolve(),
  wakeAfter: () => () => {},
  fetch: () => Promise.reject(new Error('explaining sends nothing')),
  defer: () => {},
}

/** Of both tracks, where there is a release. */
const poolsOf = ({ pools, release }: ForwardAction): readonly WeightedPool[] => (release === undefined ? pools : [...pools, release.canary])

/** What an isolate knew by itself, as far as an explanation tells it: of its own route, and of endpoints as a whole. */
function recall(gateway: GatewayState, { candidates, route: explained }: Known, now: Instant): void {
  if (candidates.length === 0) return
  const told = new Map(candidates.map((each) => [each.key, each]))
  for (const route of gateway.base.routes) {
    const pools = route.action.kind === 'forward' ? poolsOf(route.action) : []
    for (const weighted of pools) {
      for (const candidate of routeState(gateway, route, weighted, now).candidates) {
        const known = told.get(candidate.endpoint.key)
        if (known === undefined) continue
        const isOwn = route.id === explained
        if (isOwn) candidate.pausedUntil = after(now, known.pausedFor ?? ms(0))
        candidate.state.load.waiting = known.waiting
        candidate.state.load.limit.value = known.limit
        for (const { scope, cause, ejectedFor, holdFor, passed } of known.ejections) {
          if (scope === 'route' && !isOwn) continue
          const { outlier } = scope === 'route' ? candidate : candidate.state
          const since = instant(now - ejectedFor)
          outlier.standing = { kind: 'ejected', cause, since, until: after(now, holdFor), passed, shownDown: false }
        }
      }
    }
  }
}
