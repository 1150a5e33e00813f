/**
 * The nouns of the operators' API that stand for what the director holds: weights, drains, releases, revisions, audit, drift; and the deployed
 * configuration, which plans are made from. Readings are the director's view; a change is parsed whole here, made by the director, and logged.
 */
import type { Hono } from 'hono/tiny'
import type { Base } from '../../config/base.ts'
import type { ChangeReply, DirectorForOperators } from '../../config/director.ts'
import type { ChangedDocument, ChangeProblem } from '../../config/operator-documents.ts'
import { CHANGE_NOUNS, type ChangeNoun, type OperatorsNoun } from '../../config/operators.ts'
import type { Inbound } from '../inbound/read-inbound.ts'
import type { Platform } from '../ports.ts'
import { type AskPorts, askDirector, makeChange, NOTHING_ASKED } from './ask-director.ts'
import { auditDocument, driftDocument, planBase, readings, revisionsDocument } from './director-documents.ts'
import { readChanges, shown } from './read-changes.ts'

export interface ChangePorts extends AskPorts {
  readonly base: Base
  readonly log: (line: string) => void
}

export interface OperatorsHono {
  readonly Bindings: { readonly platform: Platform; readonly inbound: Inbound; readonly by: string }
}

type Operator = OperatorsHono['Bindings']

const NO_STORE = { 'cache-control': 'no-store' }

export function mountChanges(nouns: Hono<OperatorsHono>, at: (noun: OperatorsNoun) => string, ports: ChangePorts): void {
  const { base } = ports
  nouns.get(at('plan'), () => Response.json({ format: 1, base: planBase(base) }, { headers: NO_STORE }))
  nouns.get(at('drift'), ({ env }) => read(ports, env, async (director) => driftDocument(await director.view(), base)))
  nouns.get(at('audit'), ({ req, env }) => read(ports, env, async (director) => auditDocument(await director.audit(pageOf(req.raw)))))
  nouns.get(at('revisions'), ({ req, env }) =>
    read(ports, env, async (director) => revisionsDocument(await director.revisions(pageOf(req.raw)))),
  )
  for (const noun of ['weights', 'drains', 'releases'] as const)
    nouns.get(at(noun), ({ env }) => read(ports, env, async (director) => readings[noun](await director.view(), base)))
  for (const noun of CHANGE_NOUNS) nouns.post(at(noun), ({ req, env }) => change(noun, req.raw, ports, env))
}

async function read(
  ports: ChangePorts,
  { platform }: Operator,
  reading: (director: DirectorForOperators) => Promise<{ readonly format: 1 }>,
): Promise<Response> {
  const answer = await askDirector(ports, reading, platform)
  if (!answer.ok) return unavailable(answer.error)
  const held = answer.value
  const etag = 'revision' in held ? { etag: `"${held.revision}"` } : {}
  return Response.json(held, { headers: { ...NO_STORE, ...etag } })
}

const MAY_BE_MADE = 'The change may have been made: look at `revisions` before you send it again.'
const MAY_BE_SENT_AGAIN = 'The change may have been made: look at `revisions`, or send it again with the same Idempotency-Key.'

async function change(noun: ChangeNoun, request: Request, ports: ChangePorts, { platform, inbound, by }: Operator): Promise<Response> {
  const log = (what: Readonly<Record<string, unknown>>): void => {
    const { requestId, host, path, address } = inbound
    ports.log(JSON.stringify({ kind: 'operators', requestId, host, path, client: address, by, ...what }))
  }
  const parsed = await readChanges(request, noun, by)
  if (!parsed.ok) {
    log({ status: 400, reason: parsed.error[0]?.expected })
    return problem({ title: 'Bad Request', status: 400, detail: 'Nothing was changed.', defects: parsed.error })
  }
  const { dryRun = false, id } = parsed.value
  const unanswered = dryRun ? NOTHING_ASKED : id === undefined ? MAY_BE_MADE : MAY_BE_SENT_AGAIN
  const reply = await askDirector(ports, (director) => makeChange(director, ports.base, parsed.value), platform, { unanswered })
  if (!reply.ok) {
    log({ status: 503, reason: reply.error })
    return unavailable(reply.error, dryRun || id !== undefined)
  }
  const response = answerChange(reply.value, dryRun)
  log({ status: response.status, ...(dryRun ? { dryRun } : {}), ...told(reply.value) })
  return response
}

function answerChange(reply: ChangeReply, dryRun: boolean): Response {
  switch (reply.kind) {
    case 'done': {
      const { revision, differences } = reply
      const done: ChangedDocument = { format: 1, revision, dryRun, differences }
      return Response.json(done, { headers: { ...NO_STORE, etag: `"${revision}"` } })
    }
    case 'conflict': {
      const { revision, differences } = reply
      const detail = `Somebody else was faster: revision ${revision} is in force. Nothing was changed.`
      return problem({ title: 'Precondition Failed', status: 412, detail, revision, differences })
    }
    case 'refused':
      return problem({
        title: 'Unprocessable Content',
        status: 422,
        detail: 'Nothing was changed.',
        defects: reply.defects.map(shown),
      })
    default:
      return reply satisfies never
  }
}

/** What of a reply the log says: never what somebody sent. */
function told(reply: ChangeReply): Readonly<Record<string, unknown>> {
  if (reply.kind === 'refused') return { reason: reply.defects[0]?.expected }
  return { revision: reply.revision, fields: reply.differences.slice(0, FIELDS_LOGGED).map(({ field }) => field) }
}

const FIELDS_LOGGED = 20

function pageOf({ url }: Request): { readonly before?: number; readonly limit?: number } {
  const { searchParams } = new URL(url)
  const number = (name: string): number | undefined => {
    const written = searchParams.get(name)
    return written !== null && /^\d{1,15}$/.test(written) ? Number(written) : undefined
  }
  const [before, limit] = [number('before'), number('limit')]
  return { ...(before === undefined ? {} : { before }), ...(limit === undefined ? {} : { limit }) }
}

/** Seconds. */
const RETRY_AFTER = '2'

/** A client that repeats by itself is asked to where that does nothing twice. */
const unavailable = (detail: string, mayRepeat = true): Response =>
  problem({ title: 'Service Unavailable', status: 503, detail }, mayRepeat ? { 'retry-after': RETRY_AFTER } : {})

function problem(said: Omit<ChangeProblem, 'type'>, headers: Readonly<Record<string, string>> = {}): Response {
  const body: ChangeProblem = { type: 'about:blank', ...said }
  return Response.json(body, { status: said.status, headers: { ...NO_STORE, ...headers, 'content-type': 'application/problem+json' } })
}
