package standin_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"pocket-devices/internal/installation"
	"pocket-devices/internal/local/standin"
)

// The stand-in's answers are principals to the deployed code, for whom it knows and for nobody else.
func TestHandler(t *testing.T) {
	server := httptest.NewServer(standin.Handler())
	t.Cleanup(server.Close)
	i, err := installation.New(server.URL + standin.Path)
	if err != nil {
		t.Fatal(err)
	}
	type credentials = installation.Credentials
	tests := []struct {
		name string
		c    credentials
		want int // 0: nobody
	}{
		{"tje0's password", credentials{Authorization: "Basic dGplMDpUamUw"}, 117},
		{"sal0's password", credentials{Authorization: "basic c2FsMDpTYWww"}, 118},
		{"adm0's password", credentials{Authorization: "Basic YWRtMDpBZG0w"}, 200},
		{"tje0's ticket", credentials{Authorization: "SOTicket 7T:tje0", AppToken: "any"}, 117},
		{"adm0's token", credentials{Authorization: "Bearer 8A:Cust12345.adm0"}, 200},
		{"sal0's session", credentials{Cookie: "ASP.NET_SessionId=sal0; XSRF-TOKEN=local", XSRFToken: "local"}, 118},
		{"a wrong password", credentials{Authorization: "Basic dGplMDp3cm9uZw=="}, 0},
		{"another's password", credentials{Authorization: "Basic dGplMDpTYWww"}, 0},
		{"a ticket without application", credentials{Authorization: "SOTicket 7T:tje0"}, 0},
		{"an unknown ticket", credentials{Authorization: "SOTicket 7T:nobody", AppToken: "any"}, 0},
		{"a token of another installation", credentials{Authorization: "Bearer 8A:Cust54321.tje0"}, 0},
		{"a session with another token", credentials{Cookie: "ASP.NET_SessionId=tje0; XSRF-TOKEN=local", XSRFToken: "other"}, 0},
		{"a session without token", credentials{Cookie: "ASP.NET_SessionId=tje0", XSRFToken: "local"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := i.Principal(t.Context(), tt.c)
			if int(p.Associate) != tt.want || (tt.want == 0) != errors.Is(err, installation.ErrUnauthorized) {
				t.Fatalf("Principal = %+v, %v, want associate %d", p, err, tt.want)
			}
			if tt.want != 0 && (p.ContextIdentifier != standin.Name || p.IsAdministrator() != (tt.want == 200)) {
				t.Errorf("Principal = %+v", p)
			}
		})
	}
}
