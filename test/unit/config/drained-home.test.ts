/** A home that takes nothing, which may be meant for a while. */
import { expect, test } from 'vitest'
import { document, endpoint, notesOf } from './documents.ts'

test.each([
  ['drain: true', ['routes[0].home: aws-use1 is drained: every write is answered 503 (ERR_HOME_OUT)']],
  ['', []],
])('with %s', (fields, expected) => {
  const notes = notesOf(document({ aws: endpoint(fields), route: 'writes: home, home: aws-use1' }))
  expect(notes.map((note) => note.replace(/^\d+:\d+ /, ''))).toEqual(expected)
})

test('with a weight of 0', () => {
  const notes = notesOf(document({ aws: endpoint('weight: 0'), pool: 'steering: weighted', route: 'writes: home, home: aws-use1' }))
  expect(notes.map((note) => note.replace(/^\d+:\d+ /, ''))).toEqual([
    'routes[0].home: aws-use1 has weight 0: every write is answered 503 (ERR_HOME_OUT)',
  ])
})
