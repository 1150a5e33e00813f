/** Where things are: URLs and hosts. Each document has the defects that stand beside it, at their places, and no other. */
import { describe, expect, test } from 'vitest'
import { at, type Case, defectsOf, document, endpoint } from './documents.ts'

describe('URLs', () => {
  test.each<Case>([
    {
      why: 'no scheme',
      parts: { aws: at('ingress.use1.example.com/base') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL such as https://ingress.example.com, with port and base path if need be, found "ingress.use1.example.com/base"  (write https://ingress.use1.example.com/base)',
      ],
    },
    {
      why: 'another scheme',
      parts: { aws: at('ftp://ingress.use1.example.com') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL such as https://ingress.example.com, with port and base path if need be, found "ftp://ingress.use1.example.com"',
      ],
    },
    {
      why: 'credentials',
      parts: { aws: at('https://user:secret@ingress.use1.example.com') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL without user name and password, found "https://…@ingress.use1.example.com"  (a header of the endpoint can carry them)',
      ],
    },
    {
      why: 'a query',
      parts: { aws: at('https://ingress.use1.example.com/?a=b') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL without query and fragment, found "https://ingress.use1.example.com/?a=b"',
      ],
    },
    {
      why: 'a base path with two slashes in a row',
      parts: { aws: at('https://ingress.use1.example.com/a//b') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL whose path is a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "https://ingress.use1.example.com/a//b"',
      ],
    },
    {
      why: 'a base path with dots, which would be resolved',
      parts: { aws: at('https://ingress.use1.example.com/a/../b') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL whose path is a path such as /api: from the root, without query, wildcard, "//", "." or ".." segments, found "https://ingress.use1.example.com/a/../b"',
      ],
    },
    {
      why: 'a backslash, which would be a slash',
      parts: { aws: at("'https://ingress.use1.example.com\\a'") },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL such as https://ingress.example.com, with port and base path if need be, found "https://ingress.use1.example.com\\\\a"',
      ],
    },
    {
      why: 'no URL',
      parts: { aws: at('"https://"') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a URL such as https://ingress.example.com, with port and base path if need be, found "https://"',
      ],
    },
    {
      why: 'plain http',
      parts: { aws: at('http://ingress.use1.example.com:8080/base') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected an https URL, because requests cross the internet, found "http://ingress.use1.example.com:8080/base"  (write https://ingress.use1.example.com:8080/base)',
      ],
    },
    {
      why: 'an address',
      parts: { aws: at('https://10.0.0.1') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a name instead of an IP address, found "https://10.0.0.1"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'an address in disguise',
      parts: { aws: at('https://0x7f.1') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a name instead of an IP address, found "https://0x7f.1"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'IPv6',
      parts: { aws: at('"https://[::1]"') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a name instead of an IP address, found "https://[::1]"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'a private name',
      parts: { aws: at('https://ingress.shop.svc.cluster.local') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a public name, found "https://ingress.shop.svc.cluster.local"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'a bare name',
      parts: { aws: at('https://ingress') },
      says: [
        '4:24  pools.shop.endpoints.aws-use1.url  expected a public name, found "https://ingress"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'a monitor at an address',
      parts: { aws: endpoint('monitor: { url: "http://169.254.169.254/latest" }') },
      says: [
        '4:105  pools.shop.endpoints.aws-use1.monitor.url  expected a name instead of an IP address, found "http://169.254.169.254/latest"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'a monitor with credentials',
      parts: { aws: endpoint('monitor: { url: "https://u:p@ready.example.com/" }') },
      says: [
        '4:105  pools.shop.endpoints.aws-use1.monitor.url  expected a URL without user name and password, found "https://…@ready.example.com/"',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})

describe('hosts', () => {
  test.each<Case>([
    {
      why: 'with a port',
      parts: { routes: '  - { hosts: ["shop.example.com:443"], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "shop.example.com:443"  (write shop.example.com)',
      ],
    },
    {
      why: 'with a scheme',
      parts: { routes: '  - { hosts: [https://shop.example.com/x], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "https://shop.example.com/x"  (write shop.example.com)',
      ],
    },
    {
      why: 'in upper case',
      parts: { routes: '  - { hosts: [Shop.Example.COM], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "Shop.Example.COM"  (write shop.example.com)',
      ],
    },
    {
      why: 'not ASCII',
      parts: { routes: '  - { hosts: [münchen.example.com], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "münchen.example.com"  (write xn--mnchen-3ya.example.com)',
      ],
    },
    {
      why: 'a star and a dot',
      parts: { routes: '  - { hosts: ["*."], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "*."',
      ],
    },
    {
      why: 'a star in the middle',
      parts: { routes: '  - { hosts: [shop.*.example.com], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "shop.*.example.com"',
      ],
    },
    {
      why: 'a trailing dot',
      parts: { routes: '  - { hosts: [shop.example.com.], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a host in lower case without scheme, port or path, such as shop.example.com or *.example.com, found "shop.example.com."  (write shop.example.com)',
      ],
    },
    {
      why: 'no list',
      parts: { routes: '  - { hosts: shop.example.com, pool: shop }' },
      says: ['7:14  routes[0].hosts  expected a list of 1 to 100 hosts, found "shop.example.com"  (write [shop.example.com])'],
    },
    {
      why: 'twice',
      parts: { routes: '  - { hosts: [shop.example.com, shop.example.com], pool: shop }' },
      says: ['7:33  routes[0].hosts[1]  expected each of the hosts once, found "shop.example.com"'],
    },
    {
      why: 'localhost',
      parts: { routes: '  - { hosts: [localhost], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a public name, found "localhost"  (check it with --local if it never leaves this machine)',
      ],
    },
    {
      why: 'an address',
      parts: { routes: '  - { hosts: [192.0.2.1], pool: shop }' },
      says: [
        '7:15  routes[0].hosts[0]  expected a name instead of an IP address, found "192.0.2.1"  (check it with --local if it never leaves this machine)',
      ],
    },
  ])('$why', ({ parts, says }) => expect(defectsOf(document(parts))).toEqual(says))
})
