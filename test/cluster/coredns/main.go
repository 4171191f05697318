// CoreDNS with only the plugins that core-dns.ts asks for. It is part of the Kubernetes tools' module, so that the libraries both need
// are compiled once; all of CoreDNS's own plugins would bring the clients of every big cloud.
package main

import (
	"github.com/coredns/coredns/coremain"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
)

func main() {
	coremain.Run()
}
