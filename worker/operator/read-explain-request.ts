/**
 * Reads what an operator asks about: a request as data. Its bounds are those of a request that a gateway might get, so that what would be
 * refused can be asked about as well. Nothing of it is repeated in a problem but its place.
 */
import { isRecord } from '../../config/parse-snapshot.ts'
import { err, ok, type Result } from '../../config/result.ts'
import { bytes, type Draw, draw } from '../../config/units.ts'
import type { ArrivingRequest } from '../inbound/read-inbound.ts'
import { readText } from './read-text.ts'

export interface ExplainRequest {
  readonly asked: ArrivingRequest
  /** Used before dice are. */
  readonly draws: readonly Draw[]
}

/** Four times the headers that the gateway takes by default: what is too large can be asked about. */
const ASKED_MAX = bytes(128 * 1024)
const HEADERS_MAX = 500
const DRAWS_MAX = 64

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}$/
/** What a client can send as a target: visible ASCII. Whether it is served is the gateway's to say. */
const URL_TEXT = /^https?:\/\/[\x21-\x22\x24-\x7e]+$/
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export async function readExplainRequest(request: Request): Promise<Result<ExplainRequest, string>> {
  const text = await readText(request, ASKED_MAX)
  if (text === undefined) return err(`the question: at most ${ASKED_MAX} bytes`)
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return err('the question: expected JSON')
  }
  return parseExplainRequest(raw)
}

export function parseExplainRequest(raw: unknown): Result<ExplainRequest, string> {
  if (!isRecord(raw)) return err('the question: expected an object with method and url')
  const { method, url, headers = [], client = {}, draws = [], ...others } = raw
  const [other] = Object.keys(others)
  if (other !== undefined) return err('the question: expected method, url, headers, client and draws, and nothing else')
  if (typeof method !== 'string' || !METHOD.test(method)) return err('method: expected a method such as GET')
  if (typeof url !== 'string' || !URL_TEXT.test(url))
    return err('url: expected a URL such as https://shop.example.com/cart, without a fragment')
  if (!Array.isArray(headers) || headers.length > HEADERS_MAX) return err(`headers: expected a list of at most ${HEADERS_MAX} pairs`)
  const bad = headers.findIndex((pair) => !isHeader(pair))
  if (bad >= 0) return err(`headers[${bad}]: expected a pair of a name and a value, as HTTP allows them`)
  if (!isClient(client))
    return err('client: expected an object of address, country, continent, colo (texts), latitude and longitude (degrees)')
  if (!Array.isArray(draws) || draws.length > DRAWS_MAX || !draws.every(isDraw))
    return err(`draws: expected a list of at most ${DRAWS_MAX} numbers, each from 0 to less than 1`)
  const asked = { method, url, headers: arrivingHeaders(headers, client.address), cf: cfOf(client) }
  return ok({ asked, draws: draws.map((each: number) => draw(each)) })
}

interface ClientFacts {
  readonly address?: string
  readonly country?: string
  readonly continent?: string
  readonly colo?: string
  readonly latitude?: number
  readonly longitude?: number
}

const TEXTS: readonly string[] = ['address', 'country', 'continent', 'colo']
const DEGREES: readonly string[] = ['latitude', 'longitude']

const isClient = (raw: unknown): raw is ClientFacts =>
  isRecord(raw) &&
  Object.entries(raw).every(([name, value]) =>
    DEGREES.includes(name)
      ? typeof value === 'number' && Math.abs(value) <= 180
      : TEXTS.includes(name) && typeof value === 'string' && value.length <= 64 && HEADER_VALUE.test(value),
  )

const isHeader = (pair: unknown): pair is readonly [string, string] =>
  Array.isArray(pair) &&
  pair.length === 2 &&
  typeof pair[0] === 'string' &&
  HEADER_NAME.test(pair[0]) &&
  typeof pair[1] === 'string' &&
  HEADER_VALUE.test(pair[1])

const isDraw = (raw: unknown): raw is number => typeof raw === 'number' && raw >= 0 && raw < 1

/** The platform says who the client is; whatever a client writes there does not arrive. */
function arrivingHeaders(pairs: readonly (readonly [string, string])[], address: string | undefined): Headers {
  const headers = new Headers()
  for (const [name, value] of pairs) headers.append(name, value)
  headers.delete('cf-connecting-ip')
  if (address !== undefined) headers.set('cf-connecting-ip', address)
  return headers
}

/** As the platform gives it: degrees are texts. */
function cfOf({ address: _, latitude, longitude, ...texts }: ClientFacts): Readonly<Record<string, string>> {
  return {
    ...texts,
    ...(latitude === undefined ? {} : { latitude: String(latitude) }),
    ...(longitude === undefined ? {} : { longitude: String(longitude) }),
  }
}
