package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The kinds of proto/proviso/v1/kubernetes.proto.
const (
	balancerMetal   = "metallb"
	balancerK3s     = "servicelb"
	balancerVIP     = "kube-vip"
	balancerCilium  = "cilium"
	balancerCloud   = "cloud"
	balancerNone    = "none"
	balancerUnknown = "unknown"
)

// clouds are the prefixes of provider ids whose cloud controllers bring load balancers. Others only name where a node runs:
// "k3s", "kind", "proxmox", "vsphere".
var clouds = []string{"aws", "azure", "digitalocean", "equinixmetal", "exoscale", "gce", "hcloud", "ibm", "linode", "oci", "openstack", "scaleway", "vultr"}

const (
	maxEvidence = 512
	k3sVersion  = "+k3s" // in the version of its servers: "v1.34.1+k3s1"
)

// balancer concludes what serves services of type LoadBalancer. What can be seen to serve goes before what may only be installed;
// "none" is said only when everything was looked at.
func (s *survey) balancer() *provisov1.LoadBalancerSupport {
	say := func(kind, evidence string, pools ...*provisov1.AddressPool) *provisov1.LoadBalancerSupport {
		if runes := []rune(evidence); len(runes) > maxEvidence {
			evidence = string(runes[:maxEvidence-1]) + "…"
		}
		return &provisov1.LoadBalancerSupport{Kind: kind, Evidence: evidence, Pools: pools}
	}
	if s.known(metalPools) && len(s.metal.pools) > 0 {
		pools := s.poolsOfMetal()
		return say(balancerMetal, "MetalLB has "+listed(pools)+".", pools...)
	}
	if s.known(ciliumPools) && len(s.cilium.pools) > 0 {
		pools := s.poolsOfCilium()
		return say(balancerCilium, "Cilium has "+listed(pools)+".", pools...)
	}
	if evidence := s.k3s(); evidence != "" {
		return say(balancerK3s, evidence)
	}
	if evidence := s.kubeVIP(); evidence != "" {
		return say(balancerVIP, evidence)
	}
	if evidence := s.cloud(); evidence != "" {
		return say(balancerCloud, evidence)
	}
	if has, _ := s.defines(metalPools); has {
		if !s.known(metalPools) {
			return say(balancerMetal, "MetalLB is installed, but its pools cannot be read.")
		}
		return say(balancerMetal, "MetalLB is installed, but has no pool: it gives no service an address.")
	}
	if has, _ := s.defines(ciliumPools); has && !s.known(ciliumPools) {
		return say(balancerUnknown, "Cilium is installed, but its pools cannot be read.")
	}
	var hidden []string
	for _, res := range []resource{definitions, daemonSets, nodes, pods} {
		if !s.known(res) {
			hidden = append(hidden, res.name)
		}
	}
	if len(hidden) > 0 {
		return say(balancerUnknown, "Nothing was found, but "+strings.Join(hidden, ", ")+" cannot be read.")
	}
	if strings.Contains(s.version, k3sVersion) && !slices.ContainsFunc(s.nodes, node.isK3sServer) {
		return say(balancerUnknown, "k3s brings servicelb, and whether it is disabled cannot be seen.")
	}
	for _, v := range s.services {
		if s.known(services) && v.GetType() == "LoadBalancer" && len(v.GetAddresses()) > 0 {
			return say(balancerUnknown, fmt.Sprintf("Service %s/%s has address %s, but nothing that is known to give one was found.",
				v.GetNamespace(), v.GetName(), v.GetAddresses()[0]))
		}
	}
	return say(balancerNone, "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found.")
}

// listed is the pools in words.
func listed(pools []*provisov1.AddressPool) string {
	const shown = 5
	var names []string
	for _, p := range pools[:min(len(pools), shown)] {
		names = append(names, p.GetName())
	}
	switch more := len(pools) - shown; {
	case more > 0:
		return fmt.Sprintf("the pools %s and %d more", strings.Join(names, ", "), more)
	case len(pools) == 1:
		return "the pool " + names[0]
	}
	return "the pools " + strings.Join(names, ", ")
}

// k3s says why k3s' own load balancer serves. It runs a daemon set per service; before the first service only the arguments
// of the servers tell.
func (s *survey) k3s() string {
	if s.known(daemonSets) {
		for _, w := range s.workloads[kindDaemonSet] {
			if w.forService {
				return fmt.Sprintf("k3s runs the daemon set %s/%s for a service.", w.GetNamespace(), w.GetName())
			}
		}
	}
	if !strings.Contains(s.version, k3sVersion) || !s.known(nodes) {
		return ""
	}
	for _, n := range s.nodes {
		if n.isK3sServer() {
			if disablesServiceLB(n.k3sArgs) {
				return ""
			}
			return fmt.Sprintf("k3s runs on server %s without its servicelb being disabled.", n.GetName())
		}
	}
	return ""
}

// disablesServiceLB reports whether k3s was started without its load balancer, which lives in its cloud controller.
func disablesServiceLB(args []string) bool {
	for i, arg := range args {
		flag, value, inline := strings.Cut(arg, "=")
		if !inline && i+1 < len(args) {
			value = args[i+1]
		}
		switch flag {
		case "--disable":
			if slices.Contains(strings.Split(value, ","), "servicelb") {
				return true
			}
		case "--disable-cloud-controller":
			return !inline || value == "true"
		}
	}
	return false
}

func (s *survey) kubeVIP() string {
	if s.known(daemonSets) {
		for _, w := range s.workloads[kindDaemonSet] {
			if w.vip {
				return fmt.Sprintf("The daemon set %s/%s runs kube-vip for services.", w.GetNamespace(), w.GetName())
			}
		}
	}
	if s.known(pods) && s.vip != "" {
		return fmt.Sprintf("The pod %s runs kube-vip for services.", s.vip)
	}
	return ""
}

func (s *survey) cloud() string {
	if !s.known(nodes) {
		return ""
	}
	for _, n := range s.nodes {
		if slices.Contains(clouds, n.provider) {
			return fmt.Sprintf("Node %s is one of the cloud provider %s.", n.GetName(), n.provider)
		}
	}
	return ""
}
