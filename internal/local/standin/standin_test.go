package standin_test

import (
	"errors"
	"net/http/httptest"
	"testing"

	"pocket-devices/internal/installation"
	"pocket-devices/internal/local/standin"
	"pocket-devices/internal/openid"
	"pocket-devices/internal/principal"
)

type credential = principal.Credential

// The stand-in's answers are principals to the deployed code, for whom it knows and for nobody else.
func TestInstallation(t *testing.T) {
	server := httptest.NewServer(standin.Handler())
	t.Cleanup(server.Close)
	i, err := installation.New(server.URL + standin.Path)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		c    credential
		want principal.Principal // the zero one: nobody
	}{
		{"tje0's password", credential{Authorization: "Basic dGplMDpUamUw"}, principal.Principal{Associate: 117, Name: "tje0", ContextIdentifier: "Cust12345"}},
		{"sal0's password", credential{Authorization: "basic c2FsMDpTYWww"}, principal.Principal{Associate: 118, Name: "sal0", ContextIdentifier: "Cust12345"}},
		{"adm0's password", credential{Authorization: "Basic YWRtMDpBZG0w"}, principal.Principal{Associate: 200, Name: "adm0", ContextIdentifier: "Cust12345", Administrator: true}},
		{"tje0's ticket", credential{Authorization: "SOTicket 7T:tje0", AppToken: "any"}, principal.Principal{Associate: 117, Name: "tje0", ContextIdentifier: "Cust12345"}},
		{"adm0's token", credential{Authorization: "Bearer 8A:Cust12345.adm0"}, principal.Principal{Associate: 200, Name: "adm0", ContextIdentifier: "Cust12345", Administrator: true}},
		{"sal0's session", credential{Cookie: "ASP.NET_SessionId=sal0; XSRF-TOKEN=local", XSRFToken: "local"}, principal.Principal{Associate: 118, Name: "sal0", ContextIdentifier: "Cust12345"}},
		{"sys0's ticket", credential{Authorization: "SOTicket 7T:sys0", AppToken: "any"}, principal.Principal{Associate: 300, Name: "sys0", ContextIdentifier: "Cust12345", SystemUser: true}},
		{"oth0's token", credential{Authorization: "Bearer 8A:Cust12345.oth0"}, principal.Principal{Associate: 117, Name: "oth0", ContextIdentifier: "Cust54321", Administrator: true}},
		{"a wrong password", credential{Authorization: "Basic dGplMDp3cm9uZw=="}, principal.Principal{}},
		{"another's password", credential{Authorization: "Basic dGplMDpTYWww"}, principal.Principal{}},
		{"a ticket without application", credential{Authorization: "SOTicket 7T:tje0"}, principal.Principal{}},
		{"an unknown ticket", credential{Authorization: "SOTicket 7T:nobody", AppToken: "any"}, principal.Principal{}},
		{"a token of another installation", credential{Authorization: "Bearer 8A:Cust54321.tje0"}, principal.Principal{}},
		{"a session with another token", credential{Cookie: "ASP.NET_SessionId=tje0; XSRF-TOKEN=local", XSRFToken: "other"}, principal.Principal{}},
		{"a session without token", credential{Cookie: "ASP.NET_SessionId=tje0", XSRFToken: "local"}, principal.Principal{}},
		{"somebody anonymous", credential{Authorization: "SOTicket 7T:ano0", AppToken: "any"}, principal.Principal{}},
		{"an expired ticket", credential{Authorization: "SOTicket 7T:exp0", AppToken: "any"}, principal.Principal{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := i.Principal(t.Context(), tt.c)
			if p != tt.want || (tt.want.Associate == 0) != errors.Is(err, principal.ErrUnknown) {
				t.Fatalf("Principal = %+v, %v, want %+v", p, err, tt.want)
			}
		})
	}
}

// The issuer's tokens name the same people to the deployed code.
func TestIssuer(t *testing.T) {
	server := httptest.NewServer(standin.Handler())
	t.Cleanup(server.Close)
	i, err := openid.New(openid.Config{Issuer: server.URL, MetadataURL: server.URL + standin.MetadataPath, Audience: standin.Audience})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, password string
		want           principal.Principal // the zero one: nobody
	}{
		{"tje0", "Tje0", principal.Principal{Associate: 117, Name: "tje0", ContextIdentifier: "Cust12345"}},
		{"adm0", "Adm0", principal.Principal{Associate: 200, Name: "adm0", ContextIdentifier: "Cust12345", Administrator: true}},
		{"sys0", "Sys0", principal.Principal{Associate: 300, Name: "sys0", ContextIdentifier: "Cust12345"}}, // no claim says that it is a program
		{"oth0", "Oth0", principal.Principal{Associate: 117, Name: "oth0", ContextIdentifier: "Cust54321", Administrator: true}},
		{"ano0", "Ano0", principal.Principal{}},
		{"exp0", "Exp0", principal.Principal{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			token, err := standin.Token(server.URL, tt.name, tt.password)
			if err != nil {
				t.Fatal(err)
			}
			p, err := i.Principal(t.Context(), credential{Scheme: "bearer", Authorization: "Bearer " + token})
			if hasExpiry := !p.Expires.IsZero(); hasExpiry != (err == nil) {
				t.Errorf("it expires at %v", p.Expires)
			}
			p.Expires = tt.want.Expires
			if p != tt.want || (tt.want.Associate == 0) != errors.Is(err, principal.ErrUnknown) {
				t.Errorf("Principal = %+v, %v, want %+v", p, err, tt.want)
			}
		})
	}
	if token, err := standin.Token(server.URL, "tje0", "Sal0"); err == nil {
		t.Errorf("another's password gets the token %s", token)
	}
}
