/** Which admissions may judge the requests of a route: the host pattern of a route may be wider than that of an admission, or narrower. */
import { ANY_HOST, takes } from '../hosts.ts'
import type { GatewayFile } from '../parse-gateway.ts'

export type AdmissionFile = GatewayFile['admission'][number]

export interface Judge {
  readonly admission: AdmissionFile
  readonly index: number
  readonly pattern: string
}

/** Whether every host that the second pattern takes is taken by the first. */
export const coversHost = (pattern: string, other: string): boolean => pattern === other || pattern === ANY_HOST || takes(pattern, other)

/** The most specific admission that covers all of a host pattern, and those of hosts within it. */
export function judgesOf({ admission, routes }: Pick<GatewayFile, 'admission' | 'routes'>, host: string): Judges {
  const judges = admission.flatMap((each, index) => each.hosts.map((pattern): Judge => ({ admission: each, index, pattern })))
  const around = judges.filter(({ pattern }) => coversHost(pattern, host))
  const whole = around.reduce<Judge | undefined>(
    (best, each) => (best === undefined || coversHost(best.pattern, each.pattern) ? each : best),
    undefined,
  )
  const inner = judges.filter(({ pattern }) => pattern !== host && coversHost(host, pattern))
  // A more specific host of other routes takes these requests alone.
  const others = new Set(routes.flatMap(({ hosts }) => hosts).filter((other) => other !== host && coversHost(host, other)))
  const within = inner.filter(({ pattern }) => ![...others].some((other) => coversHost(other, pattern)))
  return { ...(whole === undefined ? {} : { whole }), within }
}

export interface Judges {
  /** Judges whatever `within` does not; absent: nobody does. */
  readonly whole?: Judge
  readonly within: readonly Judge[]
}

export const allOf = ({ whole, within }: Judges): readonly Judge[] => (whole === undefined ? within : [whole, ...within])
