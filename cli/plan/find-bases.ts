/** From which base to which is planned: of the gateway that runs as far as there is one and nobody says otherwise, else of files. */
import { resolve } from 'node:path'
import type { EntryView } from '../../config/director-view.ts'
import type { PlanBase, PlanBaseDocument } from '../../config/operator-documents.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { planBase } from '../../worker/operator/director-documents.ts'
import { askGateway } from '../ask-gateway.ts'
import { findGateway } from '../find-gateway.ts'
import { loadGateway } from '../load-gateway.ts'
import { readRun } from '../local/run-file.ts'
import { readEntries, readInForce } from '../operate/preview.ts'
import { paintFor, showDefects } from '../show-defects.ts'
import type { Proposal } from './change-base.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export interface Asked {
  readonly config?: string | undefined
  readonly against?: string | undefined
  readonly local: boolean
  readonly url?: string | undefined
  readonly token?: string | undefined
  readonly proposal: Proposal
}

export interface Bases {
  readonly before: PlanBase
  /** Before what is proposed. */
  readonly after: PlanBase
  /** What it is planned from, for people. */
  readonly from: string
  /** Everybody's word about weights and releases, where a file is planned for the gateway that runs. */
  readonly entries?: readonly EntryView[]
}

export async function findBases(asked: Asked): Promise<Result<Bases, string>> {
  const { url, token, config, against, proposal } = asked
  const { weights, drains, undrains, file: layer } = proposal
  const proposes = layer !== undefined || weights.length + drains.length + undrains.length > 0
  const gateway = against === undefined && (config === undefined || !proposes) ? findGateway(url, token) : NONE
  if (url !== undefined && typeof gateway === 'string')
    return err(gateway === NONE ? '--url is of no use beside --against, or --config with a change' : gateway)
  if (proposes && typeof gateway !== 'string') {
    const held = await readInForce(gateway)
    const entries = layer === undefined ? ok([]) : await readEntries(gateway)
    if (!held.ok) return held
    return entries.ok
      ? ok({ before: held.value, after: held.value, from: `${gateway.url}, with what is in force`, entries: entries.value })
      : entries
  }
  const file = load(fileOf(asked), asked.local)
  if (!file.ok) return file
  if (against !== undefined) {
    const other = load({ path: against }, asked.local)
    return other.ok ? ok({ before: other.value, after: file.value, from: against }) : other
  }
  if (typeof gateway === 'string') return ok({ before: file.value, after: file.value, from: fileOf(asked).path })
  const told = await askGateway(gateway, { noun: 'plan' })
  return told.ok
    ? ok({ before: (told.value as PlanBaseDocument).base, after: planBase(file.value), from: `what is deployed at ${gateway.url}` })
    : told
}

const NONE = ''

interface File {
  readonly path: string
  /** Of `npm start`: it may say what only works on one machine. */
  readonly isLocal?: boolean
}

function fileOf({ config, url }: Asked): File {
  if (config !== undefined) return { path: config }
  const set = process.env['MERIDIAN_CONFIG']
  const run = readRun()
  if (set === undefined && url === undefined && run.ok) return { path: run.value.config, isLocal: true }
  return { path: resolve(ROOT, set ?? 'config/gateway.yaml') }
}

function load({ path, isLocal = false }: File, local: boolean) {
  try {
    const loaded = loadGateway(path, { local: local || isLocal })
    return loaded.ok ? ok(loaded.base) : err(showDefects(loaded.defects, paintFor(process.stderr, process.env)))
  } catch (error) {
    return err(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}
