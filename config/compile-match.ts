/** Writes the conditions of a route out as the base holds them: kinds that it does not use are left out, expressions become their source. */
import type { ClaimMatch } from './claim.ts'
import type { LinkedGateway, LinkedRoute } from './link-gateway.ts'
import { PATH_AMBIGUITIES, type PathMatch, type RouteConditions, type ValueMatch } from './match.ts'
import type { GatewayFile, RouteFile } from './parse-gateway.ts'
import type { RegexProgram } from './regex/program.ts'

type AdmissionFile = GatewayFile['admission'][number]

export function compileConditions(file: RouteFile): RouteConditions {
  const { hosts, paths, methods, headers, query, cookies, countries, continents, schemes, ports, claims, certificate } = file
  const optional = {
    query: query.map(withoutProgram),
    cookies: cookies.map(withoutProgram),
    countries,
    continents,
    schemes,
    ports,
    claims: claims.map(withoutProgram),
    ambiguous: PATH_AMBIGUITIES.filter((ambiguity) => file[ambiguity] === 'allow'),
  }
  const used = Object.entries(optional).filter(([, list]) => list.length > 0)
  return {
    hosts,
    paths: paths.map(withoutProgram),
    methods,
    headers: headers.map(withoutProgram),
    ...Object.fromEntries(used),
    ...(certificate === undefined ? {} : { certificate }),
  }
}

/** Every expression once, in the order in which they are first named. */
export function regexesOf(routes: readonly LinkedRoute[], { admission, issuers }: LinkedGateway['admission']): readonly RegexProgram[] {
  const programs = new Map<string, RegexProgram>()
  const note = (matches: readonly { readonly program?: RegexProgram }[] = []): void => {
    for (const { program } of matches) if (program !== undefined && !programs.has(program.source)) programs.set(program.source, program)
  }
  const noteRules = ({ authorization }: Pick<AdmissionFile, 'authorization'> = {}): void => {
    for (const rule of authorization?.rules ?? []) note([...rule.claims, ...(rule.paths ?? []), ...rule.headers])
  }
  for (const { file } of routes) {
    note([...file.paths, ...file.headers, ...file.query, ...file.cookies, ...file.claims])
    noteRules(file.admission)
  }
  for (const each of admission) noteRules(each)
  for (const { claims } of Object.values(issuers)) note(claims)
  return [...programs.values()]
}

/** As the base holds it: the expression is said by its source. */
export const withoutProgram = <Match extends PathMatch | ValueMatch | ClaimMatch>(
  given: Match & { readonly program?: RegexProgram },
): Match => {
  const { program: _, ...match } = given
  return match as unknown as Match
}
