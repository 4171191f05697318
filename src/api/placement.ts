import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { listMap } from './list-map.ts';
import { rules } from './rules.ts';
import { matching, seconds, text } from './text.ts';

export const CONSTRAINT_OPERATORS = [
  'Unique',
  'Cluster',
  'GroupBy',
  'Like',
  'Unlike',
  'MaxPer',
  'Is',
  'IsNot',
] as const;

/** A rule about the nodes that members go to, in the grammar of Marathon and the DC/OS SDK. */
export const Constraint = z
  .object({
    key: matching(
      /^(@hostname|@zone|@region|([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/,
      317,
      'key must be @hostname, @zone, @region or the name of a node label',
    ).describe('What is compared: @hostname, @zone, @region or a node label.'),
    operator: z
      .enum(CONSTRAINT_OPERATORS)
      .describe(
        'Unique: one member per value. MaxPer: at most so many per value. Cluster: all members on one value. GroupBy: evenly over the values. Is, IsNot: the value itself. Like, Unlike: a regular expression.',
      ),
    value: text(256)
      .optional()
      .describe(
        'MaxPer: the number, from 1. GroupBy: how many values are expected (may be absent). Cluster: the value (absent: any one). Is, IsNot: the value. Like, Unlike: a regular expression that must match the whole value.',
      ),
  })
  .meta(
    rules(
      {
        rule: `self.operator != 'Unique' || !has(self.value)`,
        message: 'Unique takes no value: remove it, or use MaxPer to allow several members per value',
        fieldPath: '.value',
      },
      {
        rule: `self.operator != 'MaxPer' || (has(self.value) && self.value.matches('^[1-9][0-9]{0,3}$'))`,
        message: 'MaxPer needs a whole number from 1 to 9999 as its value, in quotes: value: "2"',
        fieldPath: '.value',
      },
      {
        rule: `self.operator != 'GroupBy' || !has(self.value) || self.value.matches('^[1-9][0-9]{0,3}$')`,
        message: 'the value of GroupBy is how many groups there are, from 1 to 9999 and in quotes, or is left out',
        fieldPath: '.value',
      },
      {
        rule: `!(self.operator in ['Like', 'Unlike', 'Is', 'IsNot']) || (has(self.value) && self.value != '')`,
        message:
          'Is and IsNot need the value that the node must (not) have, Like and Unlike a regular expression: add value',
        messageExpression: `self.operator + ' on ' + self.key + ' needs a value: ' + (self.operator in ['Is', 'IsNot'] ? 'what the node must (not) have' : 'a regular expression')`,
        fieldPath: '.value',
      },
      {
        rule: `self.operator != 'Cluster' || !has(self.value) || self.value != ''`,
        message: 'the value of Cluster is the value that all members share; leave it out for any one value',
        fieldPath: '.value',
      },
      {
        rule: `!(self.operator in ['Like', 'Unlike']) || !has(self.value) || !''.matches(self.value) || ''.matches(self.value)`,
        message: 'the value of Like and Unlike must be a regular expression in RE2 syntax',
        fieldPath: '.value',
      },
    ),
  );
export type Constraint = Immutable<z.infer<typeof Constraint>>;

export const POLICY_NAMES = ['spread', 'pack', 'headroom', 'locality', 'stickiness', 'gpu-shy'] as const;

/** A preference among the nodes that are possible; several are added up by weight. */
export const PlacementPolicy = z.object({
  name: z
    .enum(POLICY_NAMES)
    .describe(
      'spread: few members per host and zone. pack: least stranded capacity. headroom: most room left. locality: near the data. stickiness: where the member was. gpu-shy: not on GPU nodes.',
    ),
  weight: z.int().min(1).max(100).default(1).describe('How much it counts against the others.'),
});
export type PlacementPolicy = Immutable<z.infer<typeof PlacementPolicy>>;

export function placementPolicies() {
  return listMap(PlacementPolicy, 'name', 16).default([]);
}

/** Where members go. */
export const Placement = z.object({
  constraints: z.array(Constraint).max(32).default([]).describe('Rules that every member must keep.'),
  policies: placementPolicies().describe("Preferences, added up by weight. Empty: the framework's, else spread."),
  holdSeconds: seconds()
    .default(600)
    .describe(
      "How long a restarting member's slot is kept for it. With node-local volumes: as long as the volume lives.",
    ),
});
export type Placement = Immutable<z.infer<typeof Placement>>;
