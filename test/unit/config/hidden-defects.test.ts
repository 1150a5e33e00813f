/**
 * What belongs together is judged although something beside it is malformed: to each example of a defect one malformed field is added, of any of its
 * objects, and the defect must still be there, unless the field is one that it depends on. And nothing is said that only follows from that field.
 */
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EXAMPLES, EXAMPLES_NOW, readExample } from '../../../cli/defect-examples.ts'
import type { DescribedSchema } from '../../../cli/generate.ts'
import { certificateReader } from '../../../cli/read-certificates.ts'
import { readYaml } from '../../../cli/read-yaml.ts'
import type { Defect, Path } from '../../../config/defect.ts'
import { DEFECTS } from '../../../config/defects.ts'
import { at } from '../../../config/document.ts'
import { linkGateway } from '../../../config/link-gateway.ts'
import { parseGateway } from '../../../config/parse-gateway.ts'
import { gatewaySchema } from '../../../config/schema.ts'
import { dice, SEED } from '../../seed.ts'

/** Actions exclude each other, so that another one takes the first away. */
const ACTION = 'pool|pools|release|redirect|reply'
const MATCH = 'paths|methods|headers|query|cookies|countries|continents|schemes|ports|claims|certificate'

/** What a defect depends on beside the fields that have it. An unknown field might have been meant for any of it. */
const DEPENDS: Readonly<Record<string, string>> = {
  ATTEMPTS_TOO_MANY: 'timeouts',
  BODY_IMPOSSIBLE: ACTION,
  CAPACITY_INCOMPLETE: 'capacity',
  DEMAND_UNMEETABLE: 'certificates',
  FAULT_UNBOUNDED: 'expires|gated',
  FIELD_MISSING: 'url',
  FIELD_NEEDS_ANOTHER: 'home',
  FIELD_WITHOUT_EFFECT: 'steering',
  HOME_IN_ONE_TRACK: ACTION,
  HOME_WITHOUT_WEIGHT: ACTION,
  IDENTITY_UNBELIEVED: 'token|clientCertificate',
  LIMIT_UNCOUNTABLE: 'scope',
  PATH_UNSERVED: 'encodedSlash',
  PRIORITIES_TOO_FEW: 'priority',
  PROOF_MISSING: 'tokens',
  REGION_UNPLACED: 'coordinates',
  RELEASE_REGION_UNKNOWN: '',
  RELEASE_UNKNOWN: ACTION,
  RELEASE_UNUSED: 'release',
  ROUTE_LEADS_AROUND: `${MATCH}|fallThrough|redirect|reply|mode|admission|authorization|rateLimits|certificates`,
  ROUTE_UNREACHABLE: MATCH,
  RULES_ADMIT_NOBODY: '',
  RULE_HIDDEN: `${MATCH}|name|clients`,
  RULE_ON_AMBIGUOUS_PATHS: 'paths',
  STEPS_NOT_RISING: 'mirror',
  TRACKS_ALIKE: 'requestHeaders',
  TRUST_DOMAIN_UNVOUCHED: 'trustDomains|pem',
  TRUST_UNBOUND: 'issuers',
  TRUST_UNSAID: 'trust|spiffe|fingerprints',
  WRITES_UNSAFE: 'writes',
}

interface Spoilt {
  readonly code: string
  readonly document: unknown
  readonly local: boolean
  readonly holder: Path
  readonly field: string
}

const described = z.toJSONSchema(gatewaySchema, { target: 'draft-7', io: 'input' }) as DescribedSchema

/** Every field that an example could have and has not, and one that nothing has. */
function ways(code: string): readonly Spoilt[] {
  const example = readExample(code)
  const yaml = example === undefined || code === 'ROUTES_TOO_MANY' ? undefined : readYaml(example.wrong.gateway)
  if (example === undefined || yaml?.ok !== true || example.wrong.wrangler !== undefined || example.wrong.emergency !== undefined) return []
  const { value: document } = yaml
  return objectsIn(document, described, []).flatMap(({ holder, fields }) =>
    [...fields, 'zzzzzz']
      .filter((field) => at(document, [...holder, field]) === undefined)
      .map((field) => ({ code, document, local: example.local, holder, field })),
  )
}

interface Described {
  readonly holder: Path
  readonly fields: readonly string[]
}

function objectsIn(value: unknown, schema: DescribedSchema | false | undefined, holder: Path): readonly Described[] {
  if (typeof value !== 'object' || value === null || !schema) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, schema.items, [...holder, index]))
  const { properties, additionalProperties } = schema
  const below = Object.entries(value).flatMap(([key, held]) => objectsIn(held, properties?.[key] ?? additionalProperties, [...holder, key]))
  return properties === undefined ? below : [{ holder, fields: Object.keys(properties) }, ...below]
}

function judge(document: unknown, local: boolean): readonly Defect[] {
  const options = { local, now: EXAMPLES_NOW, certificates: certificateReader(EXAMPLES) }
  return linkGateway(parseGateway(document), options).defects
}

const shown = ({ code, path }: Defect): string => `${code} ${path.join('.')}`

function hidden({ code, document, local, holder, field }: Spoilt): { readonly lost: readonly string[]; readonly made: readonly string[] } {
  const before = judge(document, local).map(shown)
  const copy = structuredClone(document)
  Object.assign(at(copy, holder) as object, { [field]: { zz: [{}] } })
  const place = [...holder, field].join('.')
  const after = judge(copy, local)
  const depends = DEPENDS[code] !== undefined && new RegExp(`^(?:${DEPENDS[code]}|zzzzzz)$`).test(field)
  const own = (one: Defect) => one.path.join('.').startsWith(place) || one.code === 'FIELDS_EXCLUSIVE'
  return {
    lost: depends ? [] : before.filter((one) => !after.map(shown).includes(one)),
    made: after
      .filter((one) => !own(one))
      .map(shown)
      .filter((one) => !before.includes(one)),
  }
}

const all = Object.keys(DEFECTS).flatMap(ways)

describe(`a malformed field beside a defect, seed ${SEED}`, () => {
  test('could be any of thousands', () => expect(all.length).toBeGreaterThan(4000))

  test('neither hides it nor makes another', () => {
    const draw = dice(SEED)
    for (let round = 0; round < 400; round += 1) {
      const way = all[Math.floor(draw() * all.length)]
      if (way === undefined) continue
      expect(hidden(way), `${way.code} with ${[...way.holder, way.field].join('.')}`).toEqual({ lost: [], made: [] })
    }
  })
})
