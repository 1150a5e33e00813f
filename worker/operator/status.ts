/**
 * What the health plane says of itself, for `GET /.well-known/meridian/status`. Asks every vantage and the director at once, each for a bounded
 * time; one that does not answer is shown as such.
 */
import type { Base } from '../../config/base.ts'
import type { DirectorForOperators } from '../../config/director.ts'
import type { VantageId } from '../../config/ids.ts'
import type { InForce } from '../../config/overlay.ts'
import type { DirectorSays, PoolMembers, StatusDocument, VantageAnswer, VantageStatus } from '../../config/status.ts'
import { ms } from '../../config/units.ts'
import { expiringAuthorities } from '../policy/expiring-authorities.ts'
import { expiringCertificates } from '../policy/expiring-certificates.ts'
import type { Platform } from '../ports.ts'
import { askDirector } from './ask-director.ts'

/** A vantage on the other side of the world that is starting. */
const ANSWER_TIMEOUT = ms(2000)

export interface StatusBindings {
  readonly pools: Base['pools']
  readonly admission?: Base['admission']
  readonly edgeCertificates?: Base['edgeCertificates']
  /** In order of the configuration. */
  readonly vantages: readonly VantageId[]
  /** A fresh stub of a vantage. */
  readonly vantage: (vantage: VantageId) => { readonly status: (self: VantageId) => Promise<VantageStatus> }
}

export interface StatusPorts extends StatusBindings {
  /** What this gateway lacks. */
  readonly problems: () => Promise<readonly string[]>
  /** Of this isolate; absent where it holds nothing of the kind. */
  readonly inForce?: (platform: Platform) => Promise<InForce | undefined>
  /** A fresh stub of the director; absent: this gateway has no binding to it. */
  readonly director?: (() => DirectorForOperators) | undefined
}

export async function statusDocument(bindings: StatusPorts, platform: Platform): Promise<StatusDocument> {
  const [vantages, problems, inForce, director] = await Promise.all([
    askVantages(bindings, platform),
    bindings.problems(),
    bindings.inForce?.(platform),
    bindings.director === undefined ? undefined : directorSays(bindings.director, platform),
  ])
  const expiring = expiringAuthorities(bindings.admission?.trusts ?? [], platform.now())
  const certificates = expiringCertificates(bindings.edgeCertificates ?? [], platform.now())
  return {
    format: 1,
    vantages,
    pools: bindings.pools.map(members),
    problems,
    ...(expiring.length === 0 ? {} : { expiring }),
    ...(certificates.length === 0 ? {} : { expiringCertificates: certificates }),
    ...(inForce === undefined ? {} : { inForce }),
    ...(director === undefined ? {} : { director }),
  }
}

/** Never rejects. */
async function directorSays(director: () => DirectorForOperators, platform: Platform): Promise<DirectorSays> {
  const told = await askDirector({ director }, (stub) => stub.view(), platform, { within: ANSWER_TIMEOUT })
  if (!told.ok) return { answered: false, problem: told.error }
  const { revision, problems } = told.value
  return { answered: true, revision, problems }
}

/** Every vantage at once. Never rejects. */
export const askVantages = (bindings: StatusBindings, platform: Platform): Promise<readonly VantageAnswer[]> =>
  Promise.all(bindings.vantages.map((vantage) => ask(vantage, bindings, platform)))

const members = ({ id, endpoints }: Base['pools'][number]): PoolMembers => ({
  id,
  endpoints: endpoints.map((endpoint) => ({ id: endpoint.id, key: endpoint.key, drain: endpoint.drain })),
})

async function ask(vantage: VantageId, bindings: StatusBindings, platform: Platform): Promise<VantageAnswer> {
  let cancel = (): void => {}
  const late = new Promise<never>((_, reject) => {
    cancel = platform.wakeAfter(ANSWER_TIMEOUT, () => reject(new Error(`no answer in ${ANSWER_TIMEOUT} ms`)))
  })
  try {
    const status = await Promise.race([bindings.vantage(vantage).status(vantage), late])
    return { vantage, answered: true, status }
  } catch (error) {
    return { vantage, answered: false, problem: error instanceof Error ? error.message : String(error) }
  } finally {
    cancel()
  }
}
