// Package placement chooses a node for each guest of a strategic plan.
//
// It owns feasibility (what keeps a guest off a node), the order of preference among the nodes that are left, and the
// figures behind both. It does not read clusters, resolve what a request left open, reserve ids, or word reasons: it is
// a pure function of a snapshot, a policy and demands, so equal inputs give equal choices.
//
// Three rules decide what counts as free. A node that is not online has nothing. A guest that runs is promised its whole
// configured memory, used or not. The host keeps a part for itself.
//
// Room for the loss of one node is a preference, not a condition: a node that keeps it is always preferred, and a
// choice that loses it is still made, so that a small cluster stays usable; the result says so and the plan warns.
package placement
