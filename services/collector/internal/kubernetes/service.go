package kubernetes

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A service is one service with the addresses that a load balancer gave it.
type service struct {
	*provisov1.ClusterService
	balanced []netip.Addr
}

func (s *survey) readServices(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *corev1.ServiceList) []corev1.Service { return l.Items }), func(v *corev1.Service) {
		out := service{ClusterService: &provisov1.ClusterService{Namespace: v.Namespace, Name: v.Name, Type: string(v.Spec.Type)}}
		for _, p := range v.Spec.Ports {
			out.Ports = append(out.Ports, fmt.Sprintf("%d/%s", p.Port, p.Protocol))
		}
		for _, in := range v.Status.LoadBalancer.Ingress {
			if addr, err := netip.ParseAddr(in.IP); err == nil {
				out.balanced = append(out.balanced, addr.Unmap())
			}
			out.reach(in.IP)
			out.reach(in.Hostname)
		}
		for _, ip := range v.Spec.ExternalIPs {
			out.reach(ip)
		}
		s.services = append(s.services, out)
	})
}

// reach adds an address, once.
func (s *service) reach(address string) {
	if address != "" && !slices.Contains(s.Addresses, address) {
		s.Addresses = append(s.Addresses, address)
	}
}

func (s *survey) stateServices() []*provisov1.ClusterService {
	if !s.known(services) {
		return nil
	}
	var out []*provisov1.ClusterService
	for _, v := range s.services {
		out = append(out, v.ClusterService)
	}
	slices.SortFunc(out, byPlace)
	return out
}
