/** Defects of routes: which of them are reached, what they do, what they change, how they are tried again. */
import type { DefectFacts } from './facts.ts'

export const ROUTE_DEFECTS = {
  ROUTE_UNREACHABLE: {
    means: 'All that a route would take is taken by routes that go before it.',
    instead: 'Remove it, make its match narrower than theirs, or, with "order: first-match", move it further up.',
  },
  ROUTES_TOO_MANY: {
    means:
      'The routes make more combinations of host, path and method than an isolate can hold, or more than can be compared with each other.',
    instead: 'Take several hosts together with a wildcard, several paths with a prefix, or split the gateway.',
  },
  ROUTE_LEADS_AROUND: {
    means: 'What a route by claims or certificate turns away falls to a later route that demands less: a way around the first.',
    instead: 'Let the later route demand as much, or write "fallThrough: allow" if everybody may come in there.',
  },
  PATH_UNSERVED: {
    means: 'An expression takes only paths that are refused as ambiguous before any route is asked.',
    instead: 'Change the expression, or allow this ambiguity on the route as docs/paths.md describes.',
  },
  SPELLING_LEFT_OUT: {
    means:
      'A path is written with an encoding that needs none, and its route does not take the usual spelling, which most endpoints read alike.',
    instead: 'Name the usual spelling, or both.',
  },
  PREFIX_NOT_MATCHED: {
    means: 'A prefix of the path is to be replaced, and the route matches by something else than prefixes.',
    instead: 'Match by prefix, or replace the whole "path".',
  },
  EXPRESSION_TOO_LARGE: {
    means: 'The expression of a rewrite is too large for its groups to be found in time.',
    instead: 'Write a shorter expression: fewer counts and alternatives.',
  },
  GROUP_UNKNOWN: {
    means: 'A replacement names a group that its expression does not have.',
    instead: 'Add the group in parentheses, or name one that is there.',
  },
  HEADER_EDITS_CLASH: {
    means: 'A header is changed in two ways that undo each other: set and removed, or set by hand where CORS or the identity sets it.',
    instead: 'Change it in one place.',
  },
  WILDCARD_WITH_CREDENTIALS: {
    means: 'A wildcard stands where browsers take it for a name, because the answer allows credentials.',
    instead: 'List the names of the headers.',
  },
  WRITES_UNSAFE: {
    means: 'A write may be sent to a second endpoint, although nothing says that two regions may have it.',
    instead: 'Try only GET, HEAD and OPTIONS again, or write "writes: anywhere" where the regions share a store.',
  },
  HOME_WITHOUT_WEIGHT: {
    means: 'Writes go home whatever is drawn, and the pool of the home has weight 0.',
    instead: 'Name an endpoint of a pool that takes requests, or give that pool a weight.',
  },
  ATTEMPTS_TOO_MANY: {
    means: 'A route may have more attempts at once than the platform lets wait.',
    instead: 'Lower "attemptsMax", or end each attempt at its timer with "timeouts: { slow: abort }".',
  },
  METHOD_NOT_TAKEN: {
    means: 'A setting is for requests with a method that the route does not take.',
    instead: 'Add the method to the route, or remove the setting.',
  },
  FAULT_UNBOUNDED: {
    means: 'Faults are injected into the requests of everybody without an end, or with one that is too far away.',
    instead: 'Say when they end in "expires", or ask for a token with "gated: true".',
  },
} as const satisfies Record<string, DefectFacts>
