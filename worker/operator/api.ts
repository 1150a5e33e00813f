/**
 * The operators' API: what stands under `/.well-known/meridian/`, which is never sent to an endpoint. It answers on its own hosts, or on those
 * of the gateway where it has none, to whom `operator-gate.ts` lets in, and to nobody while nothing opens it. A noun of the API is a file
 * beside this one.
 */
import { Hono } from 'hono/tiny'
import { OPERATORS_NOUNS, type OperatorsNoun, type OperatorsSettings, rightFor } from '../../config/operators.ts'
import type { GatewayRuntime } from '../handle.ts'
import type { TokenPorts } from '../identity/find-token.ts'
import { readInbound } from '../inbound/read-inbound.ts'
import type { Platform } from '../ports.ts'
import { refuseEarly } from '../refuse-early.ts'
import { localReply } from '../reply/local-reply.ts'
import { type ChangePorts, mountChanges, type OperatorsHono } from './changes.ts'
import { answerExplain } from './explain.ts'
import { makeOperatorGate } from './operator-gate.ts'
import { type StatusPorts, statusDocument } from './status.ts'

export const OPERATORS_PREFIX = '/.well-known/meridian/'

export interface OperatorsPorts extends Omit<StatusPorts, 'director'>, TokenPorts, Pick<ChangePorts, 'director'> {
  /** What this isolate holds and would do. */
  readonly runtime: GatewayRuntime
  /** Absent: on every host of the gateway, to who bears the secret. */
  readonly settings: OperatorsSettings | undefined
  /** The secret; undefined or empty: it opens nothing. */
  readonly token: string | undefined
  /** Whether the gateway serves a host. */
  readonly serves: (host: string) => boolean
}

export type OperatorsApi = (request: Request, platform: Platform) => Promise<Response>

export function makeOperatorsApi(ports: OperatorsPorts): OperatorsApi {
  const { settings, token, serves, runtime, keys, regexOf } = ports
  const isOwn = settings === undefined || settings.hosts.length === 0 ? serves : (host: string) => settings.hosts.includes(host)
  const rules = { settings: runtime.inbound.settings, serves: (host: string) => isOwn(host) || serves(host) }
  const opens = (token !== undefined && token !== '') || (settings !== undefined && settings.issuers.length > 0)
  const gate = makeOperatorGate({ settings, secret: token, isOwn, log: runtime.log, keys, regexOf })
  const nouns = makeNouns(ports)
  return async (request, platform) => {
    const read = readInbound(request, rules, platform)
    if (!read.ok) return refuseEarly({ request, code: read.error.code, requestId: read.error.requestId }, runtime, platform)
    const inbound = read.value
    const nothingHere = () => refuseEarly({ request, code: 'ERR_NO_ROUTE', requestId: inbound.requestId, inbound }, runtime, platform)
    if (!opens || !isOwn(inbound.host)) return nothingHere()
    const asked = inbound.path.slice(OPERATORS_PREFIX.length)
    const noun = OPERATORS_NOUNS.find((each) => each === asked)
    // Keys of issuers come with the health of the endpoints: a cold isolate waits for both.
    if (settings !== undefined) await runtime.health.pin(inbound.place, platform)
    const passed = await gate(request, inbound, noun === undefined ? undefined : rightFor(noun, request.method), platform)
    if (passed.kind === 'refused') return passed.response
    return noun === undefined ? nothingHere() : nouns.fetch(request, { platform, inbound, by: passed.by })
  }
}

function makeNouns(ports: OperatorsPorts) {
  const nouns = new Hono<OperatorsHono>()
  // What is thrown here is a bug: the boundary says so, not hono.
  nouns.onError((error) => {
    throw error
  })
  nouns.notFound(({ env }) => localReply('ERR_NO_ROUTE', env.inbound.requestId))
  nouns.get(at('status'), async ({ env }) =>
    Response.json(await statusDocument(ports, env.platform), { headers: { 'cache-control': 'no-store' } }),
  )
  nouns.post(at('explain'), ({ req, env }) => answerExplain(req.raw, ports, env.platform))
  mountChanges(nouns, at, { base: ports.runtime.isolate.gateway.base, director: ports.director, log: ports.runtime.log })
  return nouns
}

const at = (noun: OperatorsNoun): string => `${OPERATORS_PREFIX}${noun}`
