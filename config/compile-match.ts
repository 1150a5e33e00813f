/** Writes the conditions of a route out as the base holds them: kinds that it does not use are left out, expressions become their source. */
import type { LinkedRoute } from './link-gateway.ts'
import { PATH_AMBIGUITIES, type PathMatch, type RouteConditions, type ValueMatch } from './match.ts'
import type { RouteFile } from './parse-gateway.ts'
import type { RegexProgram } from './regex/program.ts'

export function compileConditions(file: RouteFile): RouteConditions {
  const { hosts, paths, methods, headers, query, cookies, countries, continents, schemes, ports } = file
  const optional = {
    query: query.map(withoutProgram),
    cookies: cookies.map(withoutProgram),
    countries,
    continents,
    schemes,
    ports,
    ambiguous: PATH_AMBIGUITIES.filter((ambiguity) => file[ambiguity] === 'allow'),
  }
  const used = Object.entries(optional).filter(([, list]) => list.length > 0)
  return { hosts, paths: paths.map(withoutProgram), methods, headers: headers.map(withoutProgram), ...Object.fromEntries(used) }
}

/** Every expression once, in the order in which they are first named. */
export function regexesOf(routes: readonly LinkedRoute[]): readonly RegexProgram[] {
  const programs = new Map<string, RegexProgram>()
  for (const { file } of routes) {
    for (const { program } of [...file.paths, ...file.headers, ...file.query, ...file.cookies]) {
      if (program !== undefined && !programs.has(program.source)) programs.set(program.source, program)
    }
  }
  return [...programs.values()]
}

const withoutProgram = <Match extends PathMatch | ValueMatch>(given: Match & { readonly program?: RegexProgram }): Match => {
  const { program: _, ...match } = given
  return match as unknown as Match
}
