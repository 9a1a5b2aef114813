//! The relations of `#[derive(Entity)]`: a typed constant and a piece of metadata for each.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::attributes::{EntityInput, OrderTerm, RelationInput, RelationKind};

/// Makes the constants `Address::USER`, `User::ADDRESSES`.
pub fn constants(entity: &EntityInput) -> TokenStream {
    let (name, visibility) = (&entity.name, &entity.visibility);
    let parents = entity.columns.iter().enumerate().filter_map(|(position, column)| {
        let reference = column.reference.as_ref()?;
        // The column has that constant already.
        if reference.name == column.name {
            return None;
        }
        let constant = upper(&reference.name);
        let (parent, relation) = (&reference.entity, reference.name.to_string());
        let doc = format!("The row that `{}` refers to.", column.name);
        Some(quote! {
            #[doc = #doc]
            #visibility const #constant: ::persistence::BelongsTo<#name, #parent> =
                ::persistence::BelongsTo::new(#relation, #position);
        })
    });
    let others = entity.relations.iter().map(|relation| {
        let constant = upper(&relation.name);
        let (target, relation_name) = (&relation.entity, relation.name.to_string());
        let (doc, ty, value) = match &relation.kind {
            RelationKind::HasOne { field } => {
                let column = column(target, field);
                (
                    format!("The one row whose `{field}` refers to this one."),
                    quote!(::persistence::HasOne<#name, #target>),
                    quote_spanned!(field.span() =>
                        ::persistence::HasOne::new(#relation_name, #column)),
                )
            }
            RelationKind::HasMany { field } => {
                let column = column(target, field);
                (
                    format!("The rows whose `{field}` refers to this one."),
                    quote!(::persistence::HasMany<#name, #target>),
                    quote_spanned!(field.span() =>
                        ::persistence::HasMany::new(#relation_name, #column)),
                )
            }
            RelationKind::ManyToMany { link, from, to } => {
                let (from, to) = (column(link, from), column(link, to));
                (
                    format!("The rows that rows of `{}` lead to.", quote!(#link)),
                    quote!(::persistence::ManyToMany<#name, #target, #link>),
                    quote_spanned!(link.span() =>
                        ::persistence::ManyToMany::new(#relation_name, #from, #to)),
                )
            }
        };
        quote! {
            #[doc = #doc]
            #visibility const #constant: #ty = #value;
        }
    });
    quote! { #(#parents)* #(#others)* }
}

/// Makes a `RelationMeta` for each.
pub fn metadata(entity: &EntityInput) -> Vec<TokenStream> {
    let parents = entity.columns.iter().enumerate().filter_map(|(position, column)| {
        let reference = column.reference.as_ref()?;
        let (name, parent) = (reference.name.to_string(), &reference.entity);
        Some(quote! {
            ::persistence::RelationMeta::new(
                #name,
                ::persistence::entity::EntityRef::new(<#parent>::__meta()),
                ::persistence::RelationKind::BelongsTo { column: #position },
            )
        })
    });
    let others = entity.relations.iter().map(|relation| {
        let RelationInput { name, entity: target, kind, order } = relation;
        let name = name.to_string();
        let kind = match kind {
            RelationKind::HasOne { field } => {
                let column = column(target, field);
                quote!(HasOne { column: #column.position() })
            }
            RelationKind::HasMany { field } => {
                let column = column(target, field);
                quote!(HasMany { column: #column.position() })
            }
            RelationKind::ManyToMany { link, from, to } => {
                let (from, to) = (column(link, from), column(link, to));
                quote! {
                    ManyToMany {
                        through: ::persistence::entity::EntityRef::new(<#link>::__meta()),
                        from: #from.position(),
                        to: #to.position(),
                    }
                }
            }
        };
        let order = order.iter().map(|OrderTerm { field, is_descending }| {
            let column = column(target, field);
            let direction = if *is_descending { quote!(Descending) } else { quote!(Ascending) };
            quote!((#column.position(), ::persistence::Direction::#direction))
        });
        quote! {
            ::persistence::RelationMeta::new(
                #name,
                ::persistence::entity::EntityRef::new(<#target>::__meta()),
                ::persistence::RelationKind::#kind,
            )
            .ordered(&[#(#order),*])
        }
    });
    parents.chain(others).collect()
}

/// Returns the constant `Book::AUTHOR_ID`; where there is no such field, the compiler's error
/// points at it.
fn column(entity: &syn::Path, field: &Ident) -> TokenStream {
    let constant = upper(field);
    quote_spanned!(field.span() => #entity::#constant)
}

fn upper(name: &Ident) -> Ident {
    Ident::new(&name.to_string().to_uppercase(), name.span())
}
