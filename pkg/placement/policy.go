package placement

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Policy says how full nodes may become and what a good node is. The zero value is the default.
type Policy struct {
	// VCPUOvercommit is the number of vCPUs of running guests that one thread may carry; 0: 4.
	VCPUOvercommit float64
	// ReserveShare is the part of a node's memory that the host keeps, 0 to 1; 0: 0.05.
	ReserveShare float64
	// ReserveBytes is the least that the host keeps, whatever ReserveShare says; 0: 2 GiB.
	ReserveBytes int64
	// Weights say what counts how much when several nodes could take a guest; the zero value: DefaultWeights.
	Weights Weights
	// Power is the model of what nodes draw; the zero value: DefaultPower.
	Power PowerModel
}

// Defaults of a Policy.
const (
	DefaultVCPUOvercommit = 4.0
	DefaultReserveShare   = 0.05
	DefaultReserveBytes   = 2 << 30
)

// Weights say how much each objective counts. Every objective scores a node from 0 to 1, more is better; the sum of scores
// times weights decides. Negative weights count as 0. Weights of which all are 0 are the defaults.
type Weights struct {
	// Balance counts the free share of the node's scarcer resource after the guest is placed.
	Balance float64
	// Cost counts how full the node is then: few full nodes cost less than many half empty ones.
	Cost float64
	// Availability counts whether every running guest still finds memory when any one node is lost.
	Availability float64
	// Locality counts how little has to be copied over the network to make the guest there.
	Locality float64
	// Energy counts how little more the node draws with the guest.
	Energy float64
	// Wish counts the preferences that a demand carries.
	Wish float64
}

// DefaultWeights balance. Availability outweighs everything else together, so that room for the loss of a node is always
// preferred; locality decides between nodes of which the free shares differ by less than one percent.
func DefaultWeights() Weights {
	return Weights{Balance: 1, Availability: 3, Locality: 0.01, Wish: 1}
}

// parseWeights reads weights as an operator writes them: "balance=1,cost=0.5". An objective that is not named has its default; the empty
// text is the default. The names are balance, cost, availability, locality, energy and wish.
func parseWeights(text string) (Weights, error) {
	w := DefaultWeights()
	if strings.TrimSpace(text) == "" {
		return w, nil
	}
	fields := map[string]*float64{
		"balance": &w.Balance, "cost": &w.Cost, "availability": &w.Availability, "locality": &w.Locality, "energy": &w.Energy, "wish": &w.Wish,
	}
	for part := range strings.SplitSeq(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		field, ok := fields[strings.TrimSpace(name)]
		if !ok {
			return Weights{}, fmt.Errorf("read weights: there is no objective %q", name)
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(value >= 0 && value <= maxWeight) {
			return Weights{}, fmt.Errorf("read weights: %s is %q, not a number from 0 to %d", name, number, maxWeight)
		}
		*field = value
	}
	if w == (Weights{}) {
		return Weights{}, errors.New("read weights: all are 0")
	}
	return w, nil
}

const maxWeight = 1000

func (w Weights) withDefaults() Weights {
	w.Balance, w.Cost, w.Availability = max(0, w.Balance), max(0, w.Cost), max(0, w.Availability)
	w.Locality, w.Energy, w.Wish = max(0, w.Locality), max(0, w.Energy), max(0, w.Wish)
	if w == (Weights{}) {
		return DefaultWeights()
	}
	return w
}

// of returns the weights for a guest that wants to be packed or balanced: what it asks for takes the greater of both weights.
func (w Weights) of(o Objective) Weights {
	if o == Pack {
		w.Balance, w.Cost = 0, max(w.Balance, w.Cost)
	}
	return w
}

// packs reports whether fuller nodes are better.
func (w Weights) packs() bool { return w.Cost > w.Balance }

// dominant reports whether availability outweighs everything else together.
func (w Weights) dominant() bool {
	return w.Availability > w.Balance+w.Cost+w.Locality+w.Energy+w.Wish
}

// A PowerModel approximates what a node draws: something that it draws whenever it is on, and more as it works. It is a straight line
// between idle and full load, good enough to compare advice, not to write a bill.
type PowerModel struct {
	// IdleWatts that any node draws when it is on, IdleWattsPerThread that each thread adds to that.
	IdleWatts, IdleWattsPerThread float64
	// BusyWattsPerThread that each thread adds at full load.
	BusyWattsPerThread float64
}

// DefaultPower stands for a server with two sockets: with 64 threads 156 W idle and 412 W at full load, within the range of published
// results of SPECpower for such machines with their memory and disks.
func DefaultPower() PowerModel {
	return PowerModel{IdleWatts: 60, IdleWattsPerThread: 1.5, BusyWattsPerThread: 4}
}

// Watts is what a node with that many threads draws at that load, 0 to 1.
func (m PowerModel) Watts(threads int, load float64) float64 {
	return m.IdleWatts + float64(threads)*(m.IdleWattsPerThread+m.BusyWattsPerThread*min(1, max(0, load)))
}

func (p Policy) withDefaults() Policy {
	if p.VCPUOvercommit <= 0 {
		p.VCPUOvercommit = DefaultVCPUOvercommit
	}
	if p.ReserveShare <= 0 {
		p.ReserveShare = DefaultReserveShare
	}
	if p.ReserveBytes <= 0 {
		p.ReserveBytes = DefaultReserveBytes
	}
	if p.Power == (PowerModel{}) {
		p.Power = DefaultPower()
	}
	p.Weights = p.Weights.withDefaults()
	return p
}

// reserve is what the host keeps of that much memory.
func (p Policy) reserve(memory int64) int64 {
	return max(p.ReserveBytes, int64(p.ReserveShare*float64(memory)))
}
