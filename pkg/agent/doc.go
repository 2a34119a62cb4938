// Package agent is the life of a unit on the bus: configuration, connection, supervision, the loop that takes work, the
// reporting of results, dead letters, health, and stopping without losing anything.
//
// A unit runs alone in its process ([Main]) or beside others ([RunUnits]) without knowing which. Workers (collector,
// analyser, builder) call [ServeSteps] and write one function per verb; the manager calls [Consume].
//
// The package holds no agent's logic and makes no decision about a run. In particular it does not retry failed steps: a
// worker that fails says so in an event and acknowledges, and the manager decides. Redelivery by the stream covers deaths
// and an unreachable bus only.
package agent
