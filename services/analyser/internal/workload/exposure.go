package workload

import (
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The ways in which a workload is reached.
const (
	exposureNone    = "none"
	exposureCluster = "cluster"
	exposureBalance = "load-balancer"
	exposureIngress = "ingress"
)

// decideExposure finds how a workload is reached. A feature that the cluster lacks is never used: a load balancer without
// addresses gives way to an ingress, an ingress without a class to a load balancer, and both to the inside of the cluster, with a
// finding that says what is missing.
func (s *Set) decideExposure(it *item) error {
	p, c := it.plan, it.component
	wanted := it.wish.GetExposure()
	if wanted == "" {
		switch c.GetExposure() {
		case "public", "network":
			wanted = exposureBalance
			if len(p.GetHosts()) > 0 {
				wanted = exposureIngress
			}
		case "application":
			wanted = exposureCluster
		}
	}
	if wanted != "" && wanted != exposureCluster && len(p.GetPorts()) == 0 {
		s.find("no_port", "workload", p.GetName())
		wanted = exposureNone
	}
	switch wanted {
	case exposureBalance, exposureIngress:
		s.outside(it, wanted)
	case exposureCluster:
		p.Exposure = exposureCluster
	default:
		p.Exposure = exposureNone
		if len(p.GetPorts()) > 0 {
			p.Exposure = exposureCluster
		}
	}
	return nil
}

// outside decides between load balancer and ingress, the wanted one first.
func (s *Set) outside(it *item, wanted string) {
	p := it.plan
	if s.in.State == nil {
		p.Exposure = wanted
		s.find("exposure_unknown", "workload", p.GetName(), "exposure", s.exposure(wanted))
		return
	}
	balancer, why := s.balancer()
	class := s.ingressClass()
	switch {
	case wanted == exposureBalance && balancer:
		s.takeAddress()
		p.Exposure = exposureBalance
		s.met(it, "balancer", "workload", p.GetName(), "evidence", why)
	case class != "":
		p.Exposure, p.IngressClass = exposureIngress, class
		if wanted == exposureBalance {
			s.find("ingress_instead", "workload", p.GetName(), "class", class, "why", why)
		} else {
			s.met(it, "ingress", "workload", p.GetName(), "class", class)
		}
		if len(p.GetHosts()) == 0 {
			s.find("no_host", "workload", p.GetName())
		}
	case balancer:
		s.takeAddress()
		p.Exposure = exposureBalance
		s.find("balancer_instead", "workload", p.GetName(), "evidence", why)
	default:
		p.Exposure = exposureCluster
		s.find("cluster_instead", "workload", p.GetName(), "why", why)
		s.Aims = append(s.Aims, &provisov1.Aim{
			Kind: "constraint", Text: s.say("aim.reached", "workload", p.GetName(), "exposure", s.exposure(wanted)), Outcome: "not_met", How: s.say("aim.not_reached", "why", why),
		})
	}
}

func (s *Set) met(it *item, key string, args ...any) {
	s.Aims = append(s.Aims, &provisov1.Aim{
		Kind: "goal", Text: s.say("aim.reached", "workload", it.plan.GetName(), "exposure", s.exposure(it.plan.GetExposure())), Outcome: "met", How: s.say("aim."+key, args...),
	})
}

// balancer reports whether a service of type LoadBalancer would get an address that somebody reaches, and on what that rests.
func (s *Set) balancer() (ok bool, why string) {
	lb := s.in.State.GetLoadBalancer()
	switch lb.GetKind() {
	case "servicelb", "kube-vip", "cilium", "cloud":
		return true, s.say("balancer.kind", "kind", lb.GetKind())
	case "metallb":
		var total, free int64
		for _, pool := range lb.GetPools() {
			if pool.GetAutomatic() && pool.GetAnnounced() {
				total += pool.GetAddresses()
				free += max(0, pool.GetAddresses()-pool.GetUsed())
			}
		}
		free -= s.addressesTaken
		return free > 0, s.say("balancer.metallb", "free", max(0, free), "total", total)
	default:
		return false, s.say("balancer.none")
	}
}

func (s *Set) takeAddress() {
	if s.in.State.GetLoadBalancer().GetKind() == "metallb" {
		s.addressesTaken++
	}
}

// ingressClass is the default class, else the only one, else the first; empty: none.
func (s *Set) ingressClass() string {
	classes := s.in.State.GetIngressClasses()
	if i := slices.IndexFunc(classes, (*provisov1.IngressClass).GetDefault); i >= 0 {
		return classes[i].GetName()
	}
	if len(classes) > 0 {
		return classes[0].GetName()
	}
	return ""
}

// exposure says a way to be reached in words.
func (s *Set) exposure(way string) string { return s.say("exposure." + way) }
