package placement

// A Scaling is the cluster with all load times a factor.
type Scaling struct {
	Factor float64
	Nodes  []ScaledNode
	// Fits reports that no online node is over its processor or memory.
	Fits bool
	// MostFactor is the greatest factor with which it fits; 0 when nothing is in use.
	MostFactor float64
	// MostNode is the node that is full first, and MostResource what runs out there.
	MostNode     string
	MostResource Resource
}

// A Resource is what a node runs out of.
type Resource string

// The resources of a Scaling.
const (
	ResourceCPU    Resource = "cpu"
	ResourceMemory Resource = "memory"
)

// A ScaledNode is one online node of a Scaling.
type ScaledNode struct {
	Node string
	// CPU is the fraction of its threads that would be wanted, above 1 where there are too few.
	CPU float64
	// UsedBytes would be in use, of TotalBytes.
	UsedBytes, TotalBytes int64
	// Over are the resources of which there are too few.
	Over []Resource
}

// Scale tells what the nodes would look like if everything that is in use, or by the forecast will be, were to grow by a factor, the memory
// of the hosts included: it errs towards too much.
func (x *Index) Scale(factor float64) *Scaling {
	s := &Scaling{Factor: factor, Fits: true}
	for i := range x.nodes {
		n := &x.nodes[i]
		if !n.online || n.total == 0 {
			continue
		}
		scaled := ScaledNode{Node: n.name, CPU: n.cpuUsage * factor, UsedBytes: int64(float64(n.inUse) * factor), TotalBytes: n.total}
		if scaled.CPU > 1 {
			scaled.Over = append(scaled.Over, ResourceCPU)
		}
		if scaled.UsedBytes > n.total {
			scaled.Over = append(scaled.Over, ResourceMemory)
		}
		s.Fits = s.Fits && len(scaled.Over) == 0
		s.Nodes = append(s.Nodes, scaled)
		s.limit(n.name, ResourceCPU, 1, n.cpuUsage)
		s.limit(n.name, ResourceMemory, float64(n.total), float64(n.inUse))
	}
	return s
}

func (s *Scaling) limit(node string, r Resource, have, use float64) {
	if use <= 0 {
		return
	}
	if most := have / use; s.MostFactor == 0 || most < s.MostFactor {
		s.MostFactor, s.MostNode, s.MostResource = most, node, r
	}
}
