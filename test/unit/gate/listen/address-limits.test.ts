import {expect, test} from 'vitest';
import {AddressLimits} from '../../../../src/gate/listen/address-limits.js';

const defaults = {connectionsPerAddress: 1_000, connectsPerAddressPerSecond: 100, refusalPauseMs: 8_000};

function limitsOf(limits: Partial<typeof defaults>) {
  let time = 1_000_000;
  const addresses = new AddressLimits({...defaults, ...limits}, defaults, () => time);
  const enter = (address: string, times: number): number =>
    Array.from({length: times}, () => addresses.entered(address)).filter((refusal) => refusal === undefined)
      .length;
  return {addresses, enter, pass: (ms: number) => (time += ms)};
}

test('counts the open connections of an address', () => {
  const {addresses, enter} = limitsOf({connectionsPerAddress: 3, connectsPerAddressPerSecond: 0});
  expect(enter('9.9.9.9', 5)).toBe(3);
  expect(enter('9.9.9.8', 1)).toBe(1);
  addresses.left('9.9.9.9');
  expect(enter('9.9.9.9', 2)).toBe(1);
});

test('counts an IPv6 /64 as one address', () => {
  const {enter} = limitsOf({connectionsPerAddress: 2, connectsPerAddressPerSecond: 0});
  expect(
    enter('2001:db8:0:1::1', 1) + enter('2001:db8:0:1:ffff::2', 1) + enter('2001:db8:0:1:0:0:0:3', 1),
  ).toBe(2);
  expect(enter('2001:db8:0:2::1', 1)).toBe(1);
  expect(enter('::1:2', 1) + enter('::2:3', 1) + enter('::', 1)).toBe(2);
});

test('limits the rate of new connections, with a burst of one second', () => {
  const {enter, pass} = limitsOf({connectionsPerAddress: 0, connectsPerAddressPerSecond: 10});
  expect(enter('9.9.9.9', 30)).toBe(10);
  pass(500);
  expect(enter('9.9.9.9', 30)).toBe(5);
  pass(60_000);
  expect(enter('9.9.9.9', 30)).toBe(10);
});

test('applies configured limits to loopback, but not the defaults', () => {
  expect(limitsOf({}).enter('127.0.0.1', 2_000)).toBe(2_000);
  expect(limitsOf({}).enter('9.9.9.9', 2_000)).toBe(100);
  expect(limitsOf({connectionsPerAddress: 5}).enter('127.0.0.1', 10)).toBe(5);
});

test('delays the next sign-in after refused ones by up to 8 s, and forgets them later', () => {
  const {addresses, pass} = limitsOf({});
  const pauses = Array.from({length: 12}, () => {
    addresses.failed('9.9.9.9');
    return addresses.pauseMs('9.9.9.9');
  });
  expect(pauses).toEqual([0, 0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000]);
  expect(addresses.pauseMs('9.9.9.8')).toBe(0);
  for (let count = 0; count < 9; count += 1) addresses.failed('127.0.0.1');
  expect(addresses.pauseMs('127.0.0.1')).toBe(0);
  pass(180_000);
  expect(addresses.pauseMs('9.9.9.9')).toBe(0);
});

test('D8: remembers a bounded number of addresses, and every connected one', () => {
  const {addresses, enter} = limitsOf({connectionsPerAddress: 1, connectsPerAddressPerSecond: 0});
  expect(enter('1.1.1.1', 1)).toBe(1);
  for (let at = 0; at < 150_000; at += 1) addresses.failed(`9.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
  expect(enter('1.1.1.1', 1)).toBe(0);
  expect(addresses.pauseMs('9.0.0.1')).toBe(0);
});
