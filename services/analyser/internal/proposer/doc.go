// Package proposer lets a language model say what the parts of an application are, where neither descriptors nor rules know it.
//
// It owns which parts are open and which of their values, the prompt with its facts, and what of a proposal counts. It asks nobody
// (the unit does, under the policy of package llm) and makes no profile (package profile does). It is pure.
//
// # What counts
//
// A part of a repository or a workload is open when its role is a default or its technology is unknown, and nobody stated its role.
// Machines and containers of their own are never open: the requester has confirmed what they are. Of an open part a value may come from a model only where there is
// none, or a default of little confidence that no intent holds: what was observed, inferred, stated or concluded from words stays.
// What is taken has the origin "model" and a confidence of 0.50 at most, so that a reader sees it.
//
// # Untrusted text
//
// A model sees names, one word each; values of variables and text that people wrote for people are not shown. It answers in closed
// sets and bounded numbers, and can make a part neither more exposed nor end by itself when something connects to it.
package proposer
