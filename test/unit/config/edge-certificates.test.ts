/** When certificates of the edge end: written down by operators, said from 30 days before, and of none that nobody presents. */
import { describe, expect, test } from 'vitest'
import { baseOf, defectsOf, document, notesOf } from './documents.ts'

const AWS = '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, clientCertificate: EDGE }'
const saying = (certificates: string, aws = AWS): string => document({ aws, rest: `edge: { certificates: ${certificates} }` })
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

test('a day is the moment at which it begins', () => {
  expect(baseOf(saying('{ EDGE: { expires: 2099-03-01 } }')).edgeCertificates).toEqual([
    { binding: 'EDGE', notAfter: Date.UTC(2099, 2, 1) },
  ])
  expect(baseOf(document())).not.toHaveProperty('edgeCertificates')
})

test.each([
  [40, []],
  [20, ['ends on']],
  [0, ['ended on']],
  [-400, ['ended on']],
])('in %i days', (days, said) => {
  const notes = notesOf(saying(`{ EDGE: { expires: ${inDays(days)} } }`)).filter((note) => note.includes('client certificate'))
  expect(notes.map((note) => /ends on|ended on/.exec(note)?.[0])).toEqual(said)
})

describe('a defect', () => {
  test.each([
    ['{ EDGE: { expires: 2099-02-30 } }', 'edge.certificates.EDGE.expires', 'a day such as'],
    ['{ EDGE: { expires: 2099-03-01T00:00:00Z } }', 'edge.certificates.EDGE.expires', 'write 2099-03-01'],
    ['{ EDGE: { expires: soon } }', 'edge.certificates.EDGE.expires', 'a day such as'],
    ['{ EDGE: {} }', 'edge.certificates.EDGE.expires', 'a day such as'],
    ['{ edge: { expires: 2099-03-01 } }', 'edge.certificates.edge', 'write EDGE'],
    ['{ OTHER: { expires: 2099-03-01 } }', 'edge.certificates.OTHER', 'the "clientCertificate" of some endpoint'],
    ['[]', 'edge.certificates', 'a mapping'],
  ])('%s', (certificates, place, expected) => {
    const defects = defectsOf(saying(certificates))
    expect(defects.some((defect) => defect.includes(place) && defect.includes(expected))).toBe(true)
  })

  test('is not found where the endpoint that would present it has one', () => {
    const broken = AWS.replace('EDGE', '"not a name"')
    const defects = defectsOf(saying('{ EDGE: { expires: 2099-03-01 } }', broken))
    expect(defects).toHaveLength(1)
    expect(defects[0]).toContain('clientCertificate')
  })
})
