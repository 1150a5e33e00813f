/** Random documents for laws: rubbish of any shape, and good ones with something spoilt. Reproducible from a seed. */

type Draw = () => number

const pick = <T>(draw: Draw, from: readonly T[]): T | undefined => from[Math.floor(draw() * from.length)]

const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  200,
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  '5s',
  '0s',
  '20%',
  '64KiB',
  'aws',
  'shop',
  'home',
  'https://a.example.com',
  'http://127.0.0.1:1',
  'https://u:p@h/?#',
  '/a',
  '//',
  '/*',
  '*.example.com',
  '*',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\u0000\u001b[2J',
  '💥',
  'x'.repeat(300),
  '-',
  '1e5',
  '~',
  "'",
  '[',
  'GET',
  'nearest',
  'anywhere',
  15021,
]

const KEYS = [
  'pools',
  'routes',
  'health',
  'inbound',
  'endpoints',
  'url',
  'monitor',
  'timeouts',
  'shop',
  'a',
  'constructor',
  'toString',
  '',
  '0',
  'x y',
  'hosts',
  '<<',
]

/** A value of any shape, at most `depth` deep. */
export function rubbish(draw: Draw, depth = 4): unknown {
  const kind = draw()
  if (depth === 0 || kind < 0.5) return pick(draw, SCALARS)
  const length = Math.floor(draw() * 4)
  if (kind < 0.7) return Array.from({ length }, () => rubbish(draw, depth - 1))
  return Object.fromEntries(Array.from({ length }, () => [pick(draw, KEYS) ?? 'a', rubbish(draw, depth - 1)]))
}

/** A copy of a document with one to four places changed: removed, replaced, doubled, misspelt, or with something put beside them. */
export function spoil(draw: Draw, document: unknown): unknown {
  const copy = structuredClone(document)
  for (let count = 1 + Math.floor(draw() * 4); count > 0; count -= 1) spoilOnce(draw, copy)
  return copy
}

function spoilOnce(draw: Draw, document: unknown): void {
  const holder = pick(draw, holdersIn(document))
  if (holder === undefined) return
  if (Array.isArray(holder)) {
    const index = Math.floor(draw() * (holder.length + 1))
    if (draw() < 0.4) holder.splice(index, 1)
    else if (draw() < 0.5) holder.splice(index, 0, structuredClone(holder[0] ?? rubbish(draw)))
    else holder[index] = rubbish(draw)
    return
  }
  const key = pick(draw, Object.keys(holder)) ?? 'a'
  const kind = draw()
  if (kind < 0.3) delete holder[key]
  else if (kind < 0.6) holder[key] = rubbish(draw)
  else if (kind < 0.8) holder[`${key.slice(1)}${key.slice(0, 1)}`] = holder[key]
  else holder[pick(draw, KEYS) ?? 'a'] = rubbish(draw)
}

function holdersIn(value: unknown): (Record<string, unknown> | unknown[])[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown> | unknown[], ...Object.values(value).flatMap(holdersIn)]
}
