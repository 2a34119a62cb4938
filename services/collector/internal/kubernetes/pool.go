package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	provisov1 "proviso.dev/proto/proviso/v1"
)

const maxPools = 64

// An object is the metadata that pools and advertisements are matched by.
type object struct {
	Namespace string            `json:"namespace"`
	Name      string            `json:"name"`
	Labels    map[string]string `json:"labels"`
}

// A metal is what was read of MetalLB.
type metal struct {
	pools          []metalPool
	advertisements [2][]advertisement // layer 2, BGP
}

// A metalPool is an IPAddressPool.
type metalPool struct {
	Metadata object `json:"metadata"`
	Spec     struct {
		Addresses  []string `json:"addresses"`
		AutoAssign *bool    `json:"autoAssign"` // nil: true
		AvoidBuggy bool     `json:"avoidBuggyIPs"`
		Allocation *struct {
			Namespaces         []string               `json:"namespaces"`
			NamespaceSelectors []metav1.LabelSelector `json:"namespaceSelectors"`
			ServiceSelectors   []metav1.LabelSelector `json:"serviceSelectors"`
		} `json:"serviceAllocation"`
	} `json:"spec"`
}

// An advertisement is an L2Advertisement or a BGPAdvertisement.
type advertisement struct {
	Metadata object `json:"metadata"`
	Spec     struct {
		Pools     []string               `json:"ipAddressPools"`
		Selectors []metav1.LabelSelector `json:"ipAddressPoolSelectors"`
	} `json:"spec"`
}

// selects reports whether the advertisement announces the pool; one that names and selects none announces all of its namespace.
func (a *advertisement) selects(pool object) bool {
	switch {
	case a.Metadata.Namespace != pool.Namespace:
		return false
	case len(a.Spec.Pools) == 0 && len(a.Spec.Selectors) == 0, slices.Contains(a.Spec.Pools, pool.Name):
		return true
	}
	return slices.ContainsFunc(a.Spec.Selectors, func(s metav1.LabelSelector) bool {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		return err == nil && selector.Matches(labels.Set(pool.Labels))
	})
}

// A cilium is what was read of Cilium's own load balancer.
type cilium struct {
	pools     []ciliumPool
	announced [3]bool // something announces addresses: layer 2, BGP, BGP as it was before
}

// A ciliumPool is a CiliumLoadBalancerIPPool.
type ciliumPool struct {
	Metadata object `json:"metadata"`
	Spec     struct {
		Blocks   []ciliumBlock         `json:"blocks"`
		CIDRs    []ciliumBlock         `json:"cidrs"` // before Cilium 1.15
		Disabled bool                  `json:"disabled"`
		Ends     string                `json:"allowFirstLastIPs"` // "No": the first and the last of each network are not given
		Selector *metav1.LabelSelector `json:"serviceSelector"`
	} `json:"spec"`
}

type ciliumBlock struct {
	CIDR  string `json:"cidr"`
	Start string `json:"start"`
	Stop  string `json:"stop"`
}

func (b ciliumBlock) String() string {
	switch {
	case b.CIDR != "":
		return b.CIDR
	case b.Stop == "":
		return b.Start
	}
	return b.Start + "-" + b.Stop
}

// extensions are the lists of what gives addresses to services. Those that the cluster does not define are not asked for.
func (s *survey) extensions() []part {
	all := []part{
		{metalPools, func(ctx context.Context, res resource) error {
			return each(ctx, s.r, res, plain[metalPool], func(p *metalPool) { s.metal.pools = append(s.metal.pools, *p) })
		}},
		{metalLayer, s.readAdvertisements(0)},
		{metalBGP, s.readAdvertisements(1)},
		{ciliumPools, func(ctx context.Context, res resource) error {
			read := func(ctx context.Context, res resource) error {
				return each(ctx, s.r, res, plain[ciliumPool], func(p *ciliumPool) { s.cilium.pools = append(s.cilium.pools, *p) })
			}
			return older(ctx, read, res, ciliumPoolsOld)
		}},
		{ciliumLayer, s.readAnnounced(0)},
		{ciliumBGP, func(ctx context.Context, res resource) error {
			return older(ctx, s.readAnnounced(1), res, ciliumBGPOld)
		}},
		{ciliumPeering, s.readAnnounced(2)},
	}
	var parts []part
	for _, p := range all {
		if has, known := s.defines(p.res); !has && known {
			continue
		}
		parts = append(parts, part{p.res, func(ctx context.Context, res resource) error {
			err := p.read(ctx, res)
			if errors.Is(err, ErrNotFound) {
				return nil // not installed
			}
			return err
		}})
	}
	return parts
}

// older reads the first version that the cluster serves.
func older(ctx context.Context, read func(context.Context, resource) error, versions ...resource) error {
	var err error
	for _, res := range versions {
		if err = read(ctx, res); !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return err
}

func (s *survey) readAdvertisements(kind int) func(context.Context, resource) error {
	return func(ctx context.Context, res resource) error {
		return each(ctx, s.r, res, plain[advertisement], func(a *advertisement) {
			s.metal.advertisements[kind] = append(s.metal.advertisements[kind], *a)
		})
	}
}

func (s *survey) readAnnounced(kind int) func(context.Context, resource) error {
	return func(ctx context.Context, res resource) error {
		return each(ctx, s.r, res, plain[struct{}], func(*struct{}) { s.cilium.announced[kind] = true })
	}
}

// poolsOfMetal counts the pools of MetalLB.
func (s *survey) poolsOfMetal() []*provisov1.AddressPool {
	var out []*provisov1.AddressPool
	for _, p := range s.metal.pools {
		pool := &provisov1.AddressPool{Name: p.Metadata.Name, Ranges: p.Spec.Addresses}
		restricted := p.Spec.Allocation != nil &&
			len(p.Spec.Allocation.Namespaces)+len(p.Spec.Allocation.NamespaceSelectors)+len(p.Spec.Allocation.ServiceSelectors) > 0
		pool.Automatic = (p.Spec.AutoAssign == nil || *p.Spec.AutoAssign) && !restricted
		for _, kind := range s.metal.advertisements {
			pool.Announced = pool.GetAnnounced() || slices.ContainsFunc(kind, func(a advertisement) bool { return a.selects(p.Metadata) })
		}
		spans := s.spans(metalPools, pool)
		pool.Addresses, pool.Used = count(spans), s.used(spans)
		if p.Spec.AvoidBuggy {
			for _, span := range spans {
				pool.Addresses -= span.edges()
			}
		}
		out = append(out, pool)
	}
	return s.bounded(metalPools, out)
}

// poolsOfCilium counts the pools of Cilium.
func (s *survey) poolsOfCilium() []*provisov1.AddressPool {
	var out []*provisov1.AddressPool
	for _, p := range s.cilium.pools {
		pool := &provisov1.AddressPool{
			Name:      p.Metadata.Name,
			Automatic: !p.Spec.Disabled && (p.Spec.Selector == nil || len(p.Spec.Selector.MatchLabels)+len(p.Spec.Selector.MatchExpressions) == 0),
			Announced: slices.Contains(s.cilium.announced[:], true),
		}
		var ends int64
		for _, b := range slices.Concat(p.Spec.Blocks, p.Spec.CIDRs) {
			pool.Ranges = append(pool.Ranges, b.String())
			if prefix, err := netip.ParsePrefix(b.CIDR); err == nil && p.Spec.Ends == "No" && prefix.Addr().BitLen()-prefix.Bits() > 1 {
				ends += 2
			}
		}
		spans := s.spans(ciliumPools, pool)
		pool.Addresses, pool.Used = count(spans)-ends, s.used(spans)
		out = append(out, pool)
	}
	return s.bounded(ciliumPools, out)
}

// spans parses the ranges of a pool; one that is not understood is noted.
func (s *survey) spans(res resource, pool *provisov1.AddressPool) []span {
	var spans []span
	for _, text := range pool.GetRanges() {
		parsed, ok := parseSpan(text)
		if !ok {
			s.note(res.name+"/"+pool.GetName(), fmt.Sprintf("range %.64q is not understood", text))
			continue
		}
		spans = append(spans, parsed)
	}
	return merge(spans)
}

// used is the number of addresses of the spans that services have; services may share one.
func (s *survey) used(spans []span) int64 {
	taken := map[netip.Addr]bool{}
	if s.known(services) {
		for _, v := range s.services {
			for _, addr := range v.balanced {
				if contains(spans, addr) {
					taken[addr] = true
				}
			}
		}
	}
	return int64(len(taken))
}

// bounded sorts the pools and keeps as many as a state holds.
func (s *survey) bounded(res resource, pools []*provisov1.AddressPool) []*provisov1.AddressPool {
	slices.SortFunc(pools, byName)
	if len(pools) > maxPools {
		pools = pools[:maxPools]
		s.note(res.name, fmt.Sprintf("%v: %d", ErrCut, maxPools))
	}
	return pools
}
