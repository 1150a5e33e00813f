/** Reads a proposed change: options of the command line, and a file as `weights.json` has it. Whether its names are there is not looked at. */
import { readFileSync } from 'node:fs'
import { showPath } from '../../config/defect.ts'
import { parseWeightsFile } from '../../config/operator-files/weights-file.ts'
import { err, ok, type Result } from '../../config/result.ts'
import type { Proposal, WeightsProposed } from './change-base.ts'

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
  const fromFile = file === undefined ? ok(undefined) : readWeightsFile(file)
  if (!fromFile.ok) return fromFile
  const said = { weights: read.flatMap((each) => (each.ok ? [each.value] : [])), drains: drain, undrains: undrain }
  return ok(fromFile.value === undefined ? said : { ...said, file: fromFile.value })
}

type Weight = Proposal['weights'][number]

/** `shop.aws-use1=80`; neither names of pools nor of endpoints have a dot. */
export function readWeight(written: string): Result<Weight, string> {
  const [, pool, endpoint, weight] = /^([^.=]+)\.([^.=]+)=(\d{1,9})$/.exec(written) ?? []
  if (pool === undefined || endpoint === undefined || weight === undefined)
    return err(`expected POOL.ENDPOINT=WEIGHT such as shop.aws-use1=80, found "${written}"`)
  return ok({ pool, endpoint, weight: Number(weight) })
}

/** As the director would read it. What its names stand for is looked up in the base that is planned for. */
function readWeightsFile(file: string): Result<WeightsProposed, string> {
  const shown = file === '-' ? 'the standard input' : file
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    return err(`${shown} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
  const read = parseWeightsFile(text)
  if (read.file === undefined)
    return err(
      read.defects.map(({ path, expected, found }) => `${shown}: ${showPath(path)}: expected ${expected}, found ${found}`).join('\n'),
    )
  const { pools, releases = {} } = read.file
  return ok({
    weights: Object.entries(pools).flatMap(([pool, endpoints]) =>
      Object.entries(endpoints).map(([endpoint, weight]) => ({ pool, endpoint, weight })),
    ),
    releases: Object.entries(releases).map(([release, { weight }]) => ({ release, weight })),
  })
}
