/** Reads a proposed change: options of the command line, and a file as `weights.json` has it. Whether its names are there is not looked at. */
import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '../../config/result.ts'
import type { Proposal } from './change-base.ts'

interface Written {
  readonly weights: readonly string[]
  readonly drain: readonly string[]
  readonly undrain: readonly string[]
}

export function readProposal({ weights, drain, undrain }: Written, files: readonly string[]): Result<Proposal, string> {
  if (files.length > 1) return err('One file at a time.')
  const read = weights.map(readWeight)
  const bad = read.find((each) => !each.ok)
  if (bad !== undefined && !bad.ok) return bad
  const [file] = files
  const fromFile = file === undefined ? ok([]) : readWeightsFile(file)
  if (!fromFile.ok) return fromFile
  // What is said on the command line is said later.
  return ok({ weights: [...fromFile.value, ...read.flatMap((each) => (each.ok ? [each.value] : []))], drains: drain, undrains: undrain })
}

type Weight = Proposal['weights'][number]

/** `shop.aws-use1=80`; neither names of pools nor of endpoints have a dot. */
export function readWeight(written: string): Result<Weight, string> {
  const [, pool, endpoint, weight] = /^([^.=]+)\.([^.=]+)=(\d{1,9})$/.exec(written) ?? []
  if (pool === undefined || endpoint === undefined || weight === undefined)
    return err(`expected POOL.ENDPOINT=WEIGHT such as shop.aws-use1=80, found "${written}"`)
  return ok({ pool, endpoint, weight: Number(weight) })
}

function readWeightsFile(file: string): Result<readonly Weight[], string> {
  const shown = file === '-' ? 'the standard input' : file
  let raw: unknown
  try {
    raw = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    return err(
      error instanceof SyntaxError ? `${shown}: expected JSON` : `${shown} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
  const pools = isTable(raw) ? raw['pools'] : undefined
  if (!isTable(pools))
    return err(`${shown}: pools: expected weights by pool and endpoint, as in { "pools": { "shop": { "aws-use1": 80 } } }`)
  const weights: Weight[] = []
  for (const [pool, endpoints] of Object.entries(pools)) {
    if (!isTable(endpoints)) return err(`${shown}: pools.${pool}: expected weights by endpoint`)
    for (const [endpoint, weight] of Object.entries(endpoints)) {
      if (typeof weight !== 'number') return err(`${shown}: pools.${pool}.${endpoint}: expected a weight`)
      weights.push({ pool, endpoint, weight })
    }
  }
  return ok(weights)
}

const isTable = (raw: unknown): raw is Readonly<Record<string, unknown>> => typeof raw === 'object' && raw !== null && !Array.isArray(raw)
