/** What `npx meridian explain` was asked for: the request as data, and who is to decide. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../../config/result.ts'

export interface ExplainOptions {
  readonly question: Question
  readonly json: boolean
  readonly url?: string
  readonly token?: string
  /** Decide here, by what this file knows. */
  readonly at?: string
  /** Decide here, by this configuration. */
  readonly config?: string
}

/** As the operators' API takes it. */
export interface Question {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly client: Readonly<Record<string, string | number>>
  readonly draws: readonly number[]
}

const TEXT = { type: 'string' } as const

/** `help`, the options, or what is wrong with them. */
export function readOptions(args: readonly string[]): Result<ExplainOptions | 'help', string> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
  const { values, positionals } = parsed
  if (values.help) return ok('help')
  const [method, url, ...others] = positionals.length === 1 ? ['GET', ...positionals] : positionals
  if (method === undefined || url === undefined || others.length > 0) return err('Expected METHOD URL.')
  if (!/^https?:\/\//.test(url)) return err(`"${url}" is no whole URL; expected one such as https://shop.example.com/cart`)
  const headers: [name: string, value: string][] = []
  for (const line of values.header) {
    const colon = line.indexOf(':')
    if (colon < 1) return err(`-H "${line}": expected "name: value"`)
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  if (headers.some(([name]) => name.toLowerCase() === 'host')) return err('-H "host: …": the host stands in the URL')
  const draws = values.draw.map(Number)
  if (!draws.every((draw) => draw >= 0 && draw < 1)) return err('--draw: expected a number from 0 to less than 1')
  const place = readPlace(values.coordinates)
  if (place === undefined) return err('--coordinates: expected LATITUDE,LONGITUDE in degrees')
  const { country, continent, colo, 'client-address': address } = values
  const client = { ...given({ address, country: country?.toUpperCase(), continent: continent?.toUpperCase(), colo }), ...place }
  // A fragment stays with the client.
  const question = { method, url: url.replace(/#.*$/s, ''), headers, client, draws }
  const { json, token, at, config } = values
  return ok({ question, json, ...given({ url: values.url, token, at, config }) })
}

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      'client-address': TEXT,
      country: TEXT,
      continent: TEXT,
      colo: TEXT,
      coordinates: TEXT,
      draw: { type: 'string', multiple: true, default: [] },
      at: TEXT,
      config: TEXT,
      url: TEXT,
      token: TEXT,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>

function readPlace(text: string | undefined): Record<string, number> | undefined {
  if (text === undefined) return {}
  const [latitude = Number.NaN, longitude = Number.NaN, ...others] = text
    .split(',')
    .map((each) => (each.trim() === '' ? Number.NaN : Number(each)))
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && others.length === 0
  return isPlace ? { latitude, longitude } : undefined
}
