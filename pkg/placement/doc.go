// Package placement chooses a node for each guest of a strategic plan, and answers what else is asked of where guests lie: which
// moves would make room, make the load more even, empty a node or let one rest, and what the loss of a node does.
//
// It owns feasibility (what keeps a guest off a node), the order of preference among the nodes that are left, and the
// figures behind both. It does not read clusters, resolve what a request left open, forecast, reserve ids, move guests, or word
// reasons: it is a pure function of a snapshot, a policy, options and demands, so equal inputs give equal choices.
//
// Three rules decide what counts as free. A node that is not online, or in maintenance, has nothing. A guest that runs is promised its
// whole configured memory, used or not. The host keeps a part for itself. Of memory and processor counts what the forecast expects of
// the coming day where there is a forecast, else what is measured.
//
// Conditions are kept or the demands are refused: wishes about nodes, HA groups and rules that bind, who lies near to or apart from whom,
// memory, vCPUs, and stocks, which is what is countable besides: space, devices, bandwidth. Objectives only order the nodes that are left.
// Room for the loss of one node is an objective, not a condition: by default a node that keeps it is always preferred, and a
// choice that loses it is still made, so that a small cluster stays usable; the result says so and the plan warns.
//
// A refusal says whether it is proven: by a bound that leaves conditions out, or by looking at every placement.
package placement
