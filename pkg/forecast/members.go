package forecast

import "math"

// kind is a set of kinds of members.
type kind uint8

const (
	recentKind kind = 1 << iota
	slotKind
	weekKind
	seasonKind
	walkKind
	dayKind
	allKinds = recentKind | slotKind | weekKind | seasonKind | walkKind | dayKind
)

// member is one distribution of the mixture.
type member struct {
	name string
	kind kind
	// half is after how many seasons a value counts half.
	half float64
}

// members in the order of their weights. The half-lives span what was seen to matter on both public sets, in coarse steps: the
// weights interpolate between them, so that none of them is tuned.
var members = [...]member{
	{"last-hour", recentKind, 1. / 24},
	{"last-hours", recentKind, 1. / 8},
	{"last-half-day", recentKind, 1. / 4},
	{"last-day", recentKind, 1. / 2},
	{"last-days", recentKind, 1},
	{"last-week", recentKind, 3},
	{"last-month", recentKind, 20},
	{"level-walk", walkKind, 0},
	{"slot-yesterday", slotKind, 1},
	{"slot-days", slotKind, 3},
	{"slot-week", slotKind, 7},
	{"slot-month", slotKind, 20},
	{"week-slot", weekKind, 0},
	{"usual-day-moved", seasonKind, 0},
	{"yesterday-moved", dayKind, 0},
}

const (
	nearWalk  = 7            // the place of the changes of level
	firstSlot = nearWalk + 1 // members before it depend on the origin only
	shared    = nearWalk + 4 // distributions of an origin: those members, and the walks beyond the first season
	weekAt    = 12           // the place of the week's member
	firstMove = 13           // members from here are made for each origin and step
	slots     = weekAt - firstSlot
)

// blocks are the parts of the horizon that have weights of their own: ends in 48ths of a season. Near steps lean on the last
// hours, far ones on what repeats; the data say where.
var blocks = [...]int{4, 12, 24, 48, 96, 192, math.MaxInt32}
